//! Archives: the files of builds that are no rpms, such as jars, images and whatever content generators bring.

pub mod contents;
pub mod import;
pub mod kind;
pub mod list;
pub mod place;
pub mod pom;
