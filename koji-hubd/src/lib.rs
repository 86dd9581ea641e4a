//! The adapters that run: the hub daemon and the builder.
