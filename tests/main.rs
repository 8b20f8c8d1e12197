//! The suite over HTTP. Its folders mirror the URL space; what holds for every address is beside them. Every test runs on
//! both engines, and every answer of the API is held against the OpenAPI document ([`contract`]).

mod api;
mod browser;
mod canary;
mod contract;
mod crowd;
mod endurance;
mod every_request;
mod gate;
mod listener;
mod matrix;
mod metrics;
mod openapi;
mod operations;
mod pages;
mod paths;
mod rates;
mod tls;
