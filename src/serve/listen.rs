//! Connections: taken up to a limit, given up when slow, and on a stop let finish what was taken.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::metrics::Metrics;
use super::patient::Patient;
use super::settings::Limits;

/// How long nothing is taken after the system refused a connection, as where files run out.
const REST: Duration = Duration::from_millis(50);
/// What is read ahead of a connection: the longest head that is taken.
const READ_AHEAD: usize = 64 << 10;

/// What serves connections.
pub(super) struct Listening {
    /// The paths.
    pub(super) router: Router,
    /// How much is taken.
    pub(super) limits: Limits,
    /// Where connections are counted.
    pub(super) metrics: Arc<Metrics>,
}

impl Listening {
    /// Takes connections until `stop`, then waits for the answers that are due: whether all were given in time.
    pub(super) async fn until(self, listener: TcpListener, stop: impl Future<Output = ()>) -> bool {
        let (graceful, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(self.limits.connections)));
        let mut stop = std::pin::pin!(stop);
        loop {
            let taken = async {
                let place = places.clone().acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = &mut stop => break,
                taken = taken => taken,
            };
            let Ok((stream, _)) = accepted else {
                sleep(REST).await;
                continue;
            };
            let connection = graceful.watch(self.connection(stream));
            let metrics = self.metrics.clone();
            tokio::spawn(async move {
                metrics.connected(1);
                // A connection that fails is its client's; there is nobody to tell.
                let _ = connection.await;
                metrics.connected(-1);
                drop(place);
            });
        }
        drop(listener);
        timeout(self.limits.stop_time, graceful.shutdown()).await.is_ok()
    }

    fn connection(&self, stream: TcpStream) -> http1::Connection<TokioIo<Patient>, TowerToHyperService<Router>> {
        // Small answers go out at once.
        let _ = stream.set_nodelay(true);
        let stream = Patient::new(stream, self.limits.write_time);
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_time)
            .max_buf_size(READ_AHEAD)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(self.router.clone()))
    }
}
