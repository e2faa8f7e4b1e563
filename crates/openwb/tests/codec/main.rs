//! The codec: messages of a real box, every family of topics, and nonsense.

mod captures;
mod families;
mod hostile;
mod recorded;
