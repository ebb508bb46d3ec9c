//! The prefix-wildcard lattice of S3 scopes.
//!
//! In: text of policies, catalogs and exports. Out: [`Prefix`] values that can be compared as sets of keys.
//! Invariant: two prefixes either nest or share no key, whatever their text; a bucket's name never reaches into another's.
//! Cost: comparing two prefixes is one string comparison; sets of them are swept once after a sort.
//!
//! ```
//! use grantc::prefix::{Prefix, PrefixError};
//! let curated = Prefix::parse_policy("s3://acme-lake/curated*")?;
//! let object = Prefix::parse_policy("s3://acme-lake/curated-2026/a.parquet")?;
//! assert!(curated.covers(&object)); // by character, not by `/` segment
//! assert!(!Prefix::parse_policy("s3://acme-lake/curated/*")?.covers(&object));
//! # Ok::<(), PrefixError>(())
//! ```
//!
//! Deliberately absent: wildcards other than one `*` at the end, normalisation of any kind, and `FromStr`: whoever parses
//! says whether the text is ours ([`Prefix::parse_policy`]) or the vendor's ([`Prefix::parse_export`]).

mod bucket;
mod cover;
mod error;
mod key;
mod map;
mod minimal;
mod parse;
mod scope;

pub use bucket::{Bucket, BucketFault};
pub use error::PrefixError;
pub use key::Key;
pub use map::PrefixMap;
pub use minimal::{Permission, minimal_cover, minimal_grants};
pub use parse::split_uri;
pub use scope::{Extent, Prefix};
