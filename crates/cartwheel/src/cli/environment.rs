//! The environment variables that name the servers.

/// RabbitMQ.
pub const RABBITMQ_URL: &str = "CARTWHEEL_RABBITMQ_URL";
/// RabbitMQ's management API.
pub const MANAGEMENT_URL: &str = "CARTWHEEL_RABBITMQ_MANAGEMENT_URL";

#[cfg(all(test, feature = "local"))]
mod tests {
    #[test]
    fn operators_and_local_use_name_the_servers_alike() {
        assert_eq!(
            [super::RABBITMQ_URL, super::MANAGEMENT_URL],
            [servers::RABBITMQ_URL, servers::MANAGEMENT_URL]
        );
    }
}
