//! The product: HTTP, pages, command line and background loops of Examhall.
//!
//! Requests come in through [`routes`], which names every URL with who may call it; the folders `account`, `exams`, `take`,
//! `results` and `admin` answer them, through pages in [`view`] or JSON; [`http`] is what all requests share.

pub mod account;
pub mod admin;
pub mod admission;
pub mod api_document;
pub mod app;
pub mod chance;
pub mod chart;
pub mod cli;
pub mod clock;
pub mod clocks;
pub mod config;
pub mod demo;
pub mod exams;
pub mod handover;
pub mod http;
pub mod import;
pub mod machine;
pub mod markup;
pub mod messages;
pub mod metrics;
pub mod operations;
pub mod password;
pub mod presence;
pub mod published;
pub mod results;
pub mod routes;
pub mod server;
pub mod slug;
pub mod take;
pub mod token;
pub mod view;
