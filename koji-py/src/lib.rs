//! What the koji module of Python is made of.
