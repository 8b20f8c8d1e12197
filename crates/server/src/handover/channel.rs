//! What two processes that follow each other say: a pair of connected sockets, one end of which is the standard input of the new
//! one. Its first message carries the open sockets, the others are words of a line each.
//!
//! | Who | Says | Means |
//! |---|---|---|
//! | old | `examhall 1` | the sockets: what is listened on, and the keeper's lifeline where there is a keeper |
//! | new | `prepared` | everything is open and in order; nothing is accepted yet |
//! | old | `go TIME AT ESTATE` | begin to accept; it was this time by my clock, when the system had been up for so long (both in ms); and what else is only in memory and must go on |
//! | new | `serving` | you need not accept any more |
//!
//! Whoever hears the end of the other's before `serving` gives the hand-over up. After it, the end of the old one's means that it
//! has ended. Both may be of different versions: the words stay, and a new order of them gets a new number. An estate that is not
//! understood is left.

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::UnixStream;

/// The first line, with the version of what follows.
const GREETING: &[u8] = b"examhall 1\n";
/// Sockets in the first message at most.
const SOCKETS: usize = 2;
/// Longer words are none of ours.
const WORD_MAX: usize = 4_096;

/// One end of it.
#[derive(Debug)]
pub(super) struct Channel(BufStream<UnixStream>);

/// Both ends: ours, and the one that becomes the standard input of the other process.
pub(super) fn pair() -> io::Result<(StdUnixStream, OwnedFd)> {
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    Ok((ours.into(), theirs))
}

/// Sends the sockets.
pub(super) fn send_sockets(to: &StdUnixStream, sockets: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(sockets)) {
        return Err(ErrorKind::InvalidInput.into());
    }
    let sent = sendmsg(to, &[IoSlice::new(GREETING)], &mut control, SendFlags::NOSIGNAL)?;
    // Nothing that is so short is ever sent in parts.
    if sent == GREETING.len() { Ok(()) } else { Err(ErrorKind::WriteZero.into()) }
}

/// Waits for the sockets.
pub(super) fn receive_sockets(from: &impl AsFd) -> io::Result<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut greeting = vec![0; GREETING.len()];
    let received = recvmsg(from, &mut [IoSliceMut::new(&mut greeting)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    if received.bytes != GREETING.len() || greeting != GREETING {
        let said = String::from_utf8_lossy(&greeting[..received.bytes]).trim().to_owned();
        return Err(io::Error::new(ErrorKind::InvalidData, format!("the old process says {said:?}")));
    }
    let mut sockets = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            sockets.extend(received);
        }
    }
    Ok(sockets)
}

impl Channel {
    /// Goes on with words.
    pub(super) fn new(socket: StdUnixStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self(BufStream::new(UnixStream::from_std(socket)?)))
    }

    /// Says a word.
    pub(super) async fn say(&mut self, word: &str) -> io::Result<()> {
        self.0.write_all(format!("{word}\n").as_bytes()).await?;
        self.0.flush().await
    }

    /// The next word; None when the other end is closed.
    pub(super) async fn hear(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        loop {
            let read = match self.0.fill_buf().await {
                Ok(read) => read,
                // It has been killed with something of ours unread.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error),
            };
            if read.is_empty() || line.len() + read.len() > WORD_MAX {
                return Ok(None);
            }
            let end = read.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(read.len(), |end| end + 1);
            line.extend_from_slice(&read[..end.unwrap_or(taken)]);
            self.0.consume(taken);
            if end.is_some() {
                return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
            }
        }
    }

    /// Waits until the other end is closed, whatever else is said.
    pub(super) async fn over(&mut self) {
        while let Ok(Some(word)) = self.hear().await {
            tracing::debug!(word, "a word that means nothing now");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[tokio::test]
    async fn sockets_and_words_arrive_and_the_end_is_heard() {
        let (ours, theirs) = pair().unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let lifeline = TcpListener::bind("127.0.0.1:0").unwrap();
        send_sockets(&ours, &[socket.as_fd(), lifeline.as_fd()]).unwrap();
        let received = receive_sockets(&theirs).unwrap();
        let address = |listener: TcpListener| listener.local_addr().unwrap();
        let received: Vec<_> = received.into_iter().map(|one| address(one.into())).collect();
        assert_eq!(received, [address(socket), address(lifeline)]);
        let (mut old, mut new) = (Channel::new(ours).unwrap(), Channel::new(theirs.into()).unwrap());
        new.say("prepared").await.unwrap();
        assert_eq!(old.hear().await.unwrap().as_deref(), Some("prepared"));
        old.say("go 5").await.unwrap();
        old.say("more").await.unwrap();
        assert_eq!(new.hear().await.unwrap().as_deref(), Some("go 5"));
        assert_eq!(new.hear().await.unwrap().as_deref(), Some("more"));
        drop(old);
        assert_eq!(new.hear().await.unwrap(), None);
        new.over().await;
    }

    #[test]
    fn somebody_who_speaks_otherwise_is_not_understood() {
        let (ours, theirs) = pair().unwrap();
        rustix::io::write(&ours, b"examhall 2\n").unwrap();
        let refused = receive_sockets(&theirs).unwrap_err().to_string();
        assert!(refused.contains("examhall 2"), "{refused}");
        drop(ours);
        assert!(receive_sockets(&theirs).is_err(), "it has gone");
    }
}
