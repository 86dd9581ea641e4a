//! Configuration files.
use crate::Result;
/// The options of `hub.conf`.
#[derive(Default)]
pub struct HubConfig {}
impl HubConfig {
    /// flag
    pub fn flag(&self, _name: &str) -> bool { false }
    /// int
    pub fn int(&self, _name: &str) -> i64 { 0 }
    /// text
    pub fn text(&self, _name: &str) -> &str { "/mnt/koji" }
    /// read
    pub fn read(_path: &std::path::Path) -> Result<Self> { Ok(Self{}) }
    /// warnings
    pub fn warnings(&self) -> Vec<String> { vec![] }
    /// db
    pub fn database_url(&self) -> Option<String> { None }
}
