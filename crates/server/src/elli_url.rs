//! Another place than Elli itself, for trying Ladebuch out with a simulator.

/// Elli's hosts, both at that address, e.g. `http://127.0.0.1:8801`.
///
/// # Errors
/// What is wrong with the address.
pub fn elli_at(url: &str) -> Result<elli::Config, String> {
    let config = elli::Config::at(url);
    match elli::Client::new(config.clone()) {
        Ok(_) => Ok(config),
        Err(invalid) => Err(invalid.to_string()),
    }
}
