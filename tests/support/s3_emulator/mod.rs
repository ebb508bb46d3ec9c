//! Amazon S3 Access Grants, emulated: the requests and answers of the S3 Control API, over HTTP, in memory.
//!
//! In: requests as the SDKs send them. Out: answers as AWS's documentation describes them (API reference and user guide of S3, read
//! 2026-11-23; the wire format was taken from what boto3 and aws-sdk-s3control send and accept).
//! `wire.rs` reads and writes XML · `error.rs` the codes · `store.rs` the instances, locations, grants and tags · `scope.rs` and
//! `matching.rs` who is given credentials for what · `paging.rs` lists that lag · `routes.rs` one request · `faults.rs` what goes
//! wrong on demand · `server.rs` the listener.
//!
//! It shares no code with grantc. What AWS does not document and is inferred here, so that nothing can be proven by it:
//! - a READWRITE request needs one READWRITE grant; READ and WRITE do not add up
//! - `*` stands for every key only at the end of a scope; a scope without it is one object, whatever `S3PrefixType` says
//! - the `*` of a location's scope is taken off before a subprefix is joined; a bucket's missing `/` is put in
//! - the same grantee, permission, scope, location and application, and the same kind of scope, are a duplicate
//! - lists without `maxResults` have pages of 1,000
//!
//! Deliberately absent: signatures (the access key says who calls), STS, resource policies, other accounts' instances, the check
//! that buckets exist.

pub(crate) mod caller;
mod error;
pub(crate) mod faults;
mod matching;
mod paging;
mod routes;
mod scope;
pub(crate) mod server;
mod store;
mod wire;
