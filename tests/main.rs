//! The suite over HTTP. Its folders mirror the URL space; every test runs on both engines.

mod api;
