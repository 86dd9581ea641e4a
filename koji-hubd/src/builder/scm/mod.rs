//! Sources in version control: reading their addresses, whether they are allowed, and checking them out.
//!
//! [`url`], [`terms`], [`plan`] and [`spec`] decide and touch nothing; [`checkout`] and [`lookaside`] do.

pub mod checkout;
pub mod lookaside;
pub mod plan;
pub mod spec;
pub mod terms;
pub mod url;

pub use checkout::{Checked, Checkout};
pub use terms::Terms;
pub use url::{Kind, ScmUrl, is_scm_url};
