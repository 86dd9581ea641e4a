//! Configuration files.
/// The options of `hub.conf`.
#[derive(Default)]
pub struct HubConfig {}
impl HubConfig {
    /// flag
    pub fn flag(&self, _name: &str) -> bool {
        false
    }
    /// int
    pub fn int(&self, _name: &str) -> i64 {
        0
    }
}
