//! Pages as a reader gets them.
