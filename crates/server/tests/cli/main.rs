//! The program as people run it: commands, what they print, and the codes they end with.

mod access_codes;
mod accounts;
mod banks;
mod doctor;
mod exams;
mod program;
mod rehearse;
mod serve;
mod settings;
mod tls;
mod usage;
