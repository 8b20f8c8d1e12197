//! The demo's people: an account per role that visitors sign in to, and invented people who have sat the exams.

use super::{DAY, DemoError};
use crate::chance::Chance;
use crate::password::Passwords;
use crate::token;
use exam::id::AccountId;
use exam::time::Timestamp;
use sha2::{Digest, Sha256};
use store::{NewAccount, Role, Store};

/// An account that visitors of the demo sign in to.
#[derive(Debug, Clone, Copy)]
pub struct SignIn {
    /// Its address.
    pub email: &'static str,
    /// The name it goes by.
    pub name: &'static str,
    /// What it may do.
    pub role: Role,
}

/// One account per role.
pub const SIGN_INS: [SignIn; 4] = [
    SignIn { email: "demo-candidate@example.org", name: "Robin Demo", role: Role::Candidate },
    SignIn { email: "demo-author@example.org", name: "Alexis Demo", role: Role::Author },
    SignIn { email: "demo-invigilator@example.org", name: "Jamie Demo", role: Role::Invigilator },
    SignIn { email: "demo-admin@example.org", name: "Kim Demo", role: Role::Admin },
];

/// Invented people, one `Name <address>` a line.
const PEOPLE: &str = include_str!("people.txt");

/// Name and address of each invented person.
pub(super) fn people() -> impl Iterator<Item = (&'static str, &'static str)> {
    PEOPLE.lines().filter_map(|line| line.strip_suffix('>')?.split_once(" <"))
}

/// The accounts that the history is about. None where somebody real has the address.
pub(super) struct People {
    pub(super) visitor: Option<AccountId>,
    pub(super) invented: Vec<Option<AccountId>>,
}

/// What this installation's demo passwords and links are derived from.
pub(super) async fn secret(store: &Store, make: impl FnOnce() -> String) -> store::Result<String> {
    store.install_value("demo_secret", make).await
}

/// A value that only this installation has, the same each time.
pub(super) fn derived(secret: &str, purpose: &str) -> [u8; 32] {
    Sha256::digest(format!("{secret}\n{purpose}")).into()
}

/// The password of a demo account: 80 bits in letters and digits that are not mistaken for each other.
pub(super) fn password(secret: &str, email: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let bytes = derived(secret, &format!("password of {email}"));
    let letters: Vec<char> = bytes.iter().take(16).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// The key in the link that enters the demo without a password.
///
/// # Errors
/// When the database fails.
pub async fn link_key(store: &Store) -> store::Result<String> {
    Ok(key(&existing_secret(store).await?))
}

fn key(secret: &str) -> String {
    token::hex(&derived(secret, "link")[..16])
}

/// The secret where the demo was seeded. Anywhere else it is made, and opens nothing.
async fn existing_secret(store: &Store) -> store::Result<String> {
    let make = || Chance::from_os().expect("the operating system had randomness when this process started").token();
    secret(store, make).await
}

/// The text that tells how to sign in to the demo; None when it was never seeded.
///
/// # Errors
/// When the database fails.
pub async fn announcement(store: &Store, base_url: &str) -> store::Result<Option<String>> {
    let mut known = Vec::new();
    for sign_in in SIGN_INS {
        if matches!(find(store, sign_in.email).await?, Found::Demo(_)) {
            known.push(sign_in);
        }
    }
    if known.is_empty() {
        return Ok(None);
    }
    let secret = existing_secret(store).await?;
    let mut text = format!("Try the demo: {base_url}/demo/{}\nor sign in at {base_url}/sign-in as\n\n", key(&secret));
    for SignIn { email, role, .. } in known {
        text.push_str(&format!("  {:<12} {email:<29} {}\n", role.name(), password(&secret, email)));
    }
    text.push_str("\nThese accounts work only while the server runs with --demo.\n");
    Ok(Some(text))
}

/// Makes the accounts that are not there yet.
pub(super) async fn create_all(
    store: &Store,
    passwords: &Passwords,
    chance: &Chance,
    secret: &str,
    seeded_at: Timestamp,
) -> Result<People, DemoError> {
    let mut visitor = None;
    for sign_in in SIGN_INS {
        let SignIn { email, name, role } = sign_in;
        let id = match find(store, email).await? {
            Found::Nobody => {
                let hash = passwords.hash(password(secret, email)).await?;
                let new = NewAccount { email, name, password_hash: &hash, role, demo: true };
                create(store, new, seeded_at.before(DAY * 44)).await?
            }
            Found::Demo(id) => Some(id),
            Found::Real => {
                tracing::warn!("{email} is a real account; the demo goes without it");
                None
            }
        };
        if role == Role::Candidate {
            visitor = id;
        }
    }
    // Nobody knows this password, so it may be everybody's.
    let nobodys = passwords.hash(chance.token()).await?;
    let mut invented = Vec::new();
    for (index, (name, email)) in (0_u32..).zip(people()) {
        invented.push(match find(store, email).await? {
            Found::Nobody => {
                let new = NewAccount { email, name, password_hash: &nobodys, role: Role::Candidate, demo: true };
                create(store, new, seeded_at.before(DAY * 43).after(DAY * index / 5)).await?
            }
            Found::Demo(id) => Some(id),
            Found::Real => None,
        });
    }
    Ok(People { visitor, invented })
}

enum Found {
    Nobody,
    Demo(AccountId),
    Real,
}

async fn find(store: &Store, email: &str) -> store::Result<Found> {
    Ok(match store.find_credentials(email).await? {
        None => Found::Nobody,
        Some((account, _)) if account.demo => Found::Demo(account.id),
        Some(_) => Found::Real,
    })
}

/// Makes an account; finds it when another process has just made it.
async fn create(store: &Store, new: NewAccount<'_>, at: Timestamp) -> store::Result<Option<AccountId>> {
    let email = new.email;
    match store.create_account(new, None, at).await {
        Ok(account) => Ok(Some(account.id)),
        Err(store::Error::Conflict(_)) => match find(store, email).await? {
            Found::Demo(id) => Ok(Some(id)),
            Found::Nobody | Found::Real => Ok(None),
        },
        Err(error) => Err(error),
    }
}
