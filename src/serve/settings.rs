//! What a server may be told: where it listens, who may ask, and how much it takes.
//!
//! The rules of exposure are kept here: beyond loopback only with a token, and no token that is short enough to guess.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::ServeError;

/// Fewest characters of a token: 16 random letters and digits are some 95 bits.
pub const TOKEN_LENGTH: usize = 16;
/// The port where none is named.
pub const PORT: u16 = 8765;

/// What requests must carry where the server asks for it: `Authorization: Bearer TOKEN`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Where a server listens, and who may ask.
#[derive(Debug, Clone)]
pub struct Settings {
    address: SocketAddr,
    token: Option<Token>,
    /// How much is taken.
    pub limits: Limits,
}

/// How much is taken: past it requests are refused or wait, so that what they hold has a bound. What the model and the library
/// take is beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one request's body; more is refused with 413.
    pub body_bytes: usize,
    /// Bytes of all bodies that are being read or answered; more is refused with 429.
    pub held_bytes: usize,
    /// Texts of one request; more is refused with 422.
    pub request_texts: usize,
    /// Characters of one text; more is refused with 422.
    pub text_chars: usize,
    /// Texts of requests that wait to be embedded; more is refused with 429, but for one request that finds none waiting.
    /// Those of a change of the library are not among them.
    pub queued_texts: usize,
    /// Tokens of those, by estimate; more is refused in the same way.
    pub queued_tokens: usize,
    /// Tokens, by estimate, that are embedded together at the most; fewer where the model does fewer in a quarter of a second. A
    /// longer text goes alone.
    pub batch_tokens: usize,
    /// Connections at once; more wait to be taken.
    pub connections: usize,
    /// How long the head of a request may take, and how long a connection may be idle.
    pub head_time: Duration,
    /// How long a body may take.
    pub body_time: Duration,
    /// How long a write may wait for the other end to read.
    pub write_time: Duration,
    /// How long a stop waits for the answers that are due.
    pub stop_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 8 << 20,
            held_bytes: 64 << 20,
            request_texts: 2_048,
            text_chars: 1 << 18,
            queued_texts: 2_048,
            queued_tokens: 1 << 18,
            batch_tokens: 8_192,
            connections: 512,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            write_time: Duration::from_secs(30),
            stop_time: Duration::from_secs(30),
        }
    }
}

impl Token {
    /// Takes a token; white space round it, as a file's last line end, is not part of it.
    ///
    /// # Errors
    /// [`ServeError::ShortToken`] for less than [`TOKEN_LENGTH`] characters, [`ServeError::TokenCharacters`] for one that no
    /// header can carry.
    pub fn new(text: &str) -> Result<Self, ServeError> {
        let token = text.trim();
        if token.chars().count() < TOKEN_LENGTH {
            return Err(ServeError::ShortToken { found: token.chars().count(), least: TOKEN_LENGTH });
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ServeError::TokenCharacters);
        }
        Ok(Self(token.to_owned()))
    }

    /// Whether a text is this token, in a time that says nothing of where they differ.
    pub(super) fn is(&self, text: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.0.as_bytes(), text.as_bytes()).into()
    }
}

/// A token is never shown.
impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(…)")
    }
}

impl Settings {
    /// Listens at an address, beyond loopback only with a token.
    ///
    /// # Errors
    /// [`ServeError::Exposed`].
    pub fn new(address: SocketAddr, token: Option<Token>) -> Result<Self, ServeError> {
        if token.is_none() && !address.ip().to_canonical().is_loopback() {
            return Err(ServeError::Exposed(address.ip()));
        }
        Ok(Self { address, token, limits: Limits::default() })
    }

    /// Listens on a port of this machine, for this machine; 0 takes one that is free.
    pub fn on_loopback(port: u16) -> Self {
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        Self { address, token: None, limits: Limits::default() }
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What requests must carry.
    pub(super) fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_loopback_a_token_is_needed() {
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 1);
        for ip in ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"] {
            assert!(Settings::new(at(ip), None).is_ok(), "{ip}");
        }
        for ip in ["0.0.0.0", "::", "192.168.1.2", "::ffff:10.0.0.1"] {
            assert!(matches!(Settings::new(at(ip), None), Err(ServeError::Exposed(_))), "{ip}");
            assert!(Settings::new(at(ip), Token::new("0123456789abcdef").ok()).is_ok(), "{ip}");
        }
    }

    #[test]
    fn a_token_has_sixteen_characters_that_a_header_carries() {
        assert!(matches!(Token::new("0123456789abcde\n"), Err(ServeError::ShortToken { found: 15, .. })));
        assert!(matches!(Token::new("0123456789 abcdef"), Err(ServeError::TokenCharacters)));
        let token = Token::new(" 0123456789abcdef\n").unwrap();
        assert!(token.is("0123456789abcdef") && !token.is("0123456789abcdeF") && !token.is(""));
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
