//! The staff area: accounts, banks, exams, attempts.

pub mod accounts;
pub mod attempts;
pub mod banks;
pub mod exams;
pub mod operations;
pub mod overview;

pub use accounts::{AccountPage, AccountRow, AccountsPage, NewAccount};
pub use attempts::{AttemptPage, AttemptsFilter, AttemptsPage, OperationRow, OperationVerdict, StaffAttemptRow};
pub use banks::{
    BankPage, BankRow, BanksPage, ImportForm, ImportLine, ImportReportPage, ImportState, QuestionFilter, QuestionPage,
    QuestionRow, QuestionVersion,
};
pub use exams::{ExamForm, ExamFormPage, ExamPage, ExamRow, ExamStats, ExamVersion, ExamsPage};
pub use operations::{OperationsPage, Told};
pub use overview::{Counts, DayCount, OverviewPage, Today};

/// What a change did, said on the page that the change leads back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// An account was created for this address.
    AccountCreated(String),
    /// An account has another role.
    RoleChanged,
    /// An account may not sign in any more.
    AccountDisabled,
    /// An account may sign in again.
    AccountEnabled,
    /// A link to set a new password was made.
    PasswordLinkMade,
    /// A bank was created.
    BankCreated,
    /// A draft exam was created.
    ExamCreated,
    /// A draft was changed.
    ExamSaved,
    /// An exam was published as this version.
    ExamPublished(i64),
}

impl Done {
    fn text(&self, page: &super::Page) -> String {
        match self {
            Self::AccountCreated(email) => page.t1("done-account-created", "email", email),
            Self::RoleChanged => page.t("done-role-changed"),
            Self::AccountDisabled => page.t("done-account-disabled"),
            Self::AccountEnabled => page.t("done-account-enabled"),
            Self::PasswordLinkMade => page.t("done-password-link"),
            Self::BankCreated => page.t("done-bank-created"),
            Self::ExamCreated => page.t("done-exam-created"),
            Self::ExamSaved => page.t("done-exam-saved"),
            Self::ExamPublished(version) => page.t1("done-exam-published", "version", version),
        }
    }
}

/// The address of a list with its filter, ready for `cursor=` to be appended.
fn list_address(path: &str, filter: &[(&str, &str)]) -> String {
    let mut address = format!("{path}?");
    for (name, value) in filter.iter().filter(|(_, value)| !value.is_empty()) {
        address.push_str(name);
        address.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                address.push(char::from(byte));
            } else {
                address.push_str(&format!("%{byte:02X}"));
            }
        }
        address.push('&');
    }
    address
}

#[cfg(test)]
mod tests {
    use super::list_address;

    #[test]
    fn a_filter_is_kept_from_page_to_page() {
        assert_eq!(list_address("/a", &[]), "/a?");
        assert_eq!(list_address("/a", &[("b", "c d&é"), ("e", "")]), "/a?b=c%20d%26%C3%A9&");
    }
}
