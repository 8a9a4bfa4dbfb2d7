//! Who is near whom: by meaning (`exact`) and by wording (`wording`).

pub mod wording;
