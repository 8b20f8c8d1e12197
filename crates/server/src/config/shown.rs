//! Values as one would write them in a setting.

use super::values::{DatabaseUrl, LogFormat, LogLevel, MetricsToken, SignUp};
use ipnet::IpNet;
use std::path::PathBuf;
use std::time::Duration;

/// A value of a setting.
pub(super) trait Shown {
    /// As one would write it; None where nothing is set.
    fn shown(&self) -> Option<String>;
}

macro_rules! by_display {
    ($($kind:ty)+) => {$(
        impl Shown for $kind {
            fn shown(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+};
}
by_display!(String u16 u32 u64 usize);

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Option<String> {
        self.as_ref().and_then(Shown::shown)
    }
}

impl Shown for PathBuf {
    fn shown(&self) -> Option<String> {
        Some(self.display().to_string())
    }
}

/// In whole seconds, as all times are given.
impl Shown for Duration {
    fn shown(&self) -> Option<String> {
        Some(self.as_secs().to_string())
    }
}

impl Shown for bool {
    fn shown(&self) -> Option<String> {
        Some(if *self { "on" } else { "off" }.into())
    }
}

impl Shown for Vec<IpNet> {
    fn shown(&self) -> Option<String> {
        let networks: Vec<String> = self.iter().map(ToString::to_string).collect();
        Some(networks.join(", ")).filter(|networks| !networks.is_empty())
    }
}

impl Shown for SignUp {
    fn shown(&self) -> Option<String> {
        let name = match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        };
        Some(name.into())
    }
}

impl Shown for LogLevel {
    fn shown(&self) -> Option<String> {
        Some(self.filter().to_string())
    }
}

impl Shown for LogFormat {
    fn shown(&self) -> Option<String> {
        let name = match self {
            Self::Text => "text",
            Self::Json => "json",
        };
        Some(name.into())
    }
}

impl Shown for DatabaseUrl {
    fn shown(&self) -> Option<String> {
        Some(self.without_password())
    }
}

impl Shown for MetricsToken {
    fn shown(&self) -> Option<String> {
        Some("set, not shown".into())
    }
}

impl Shown for store::Controls {
    fn shown(&self) -> Option<String> {
        (*self != Self::default()).then(|| "a protection is off".into())
    }
}
