//! A proxy on loopback that does what the test says, connection by connection.
#![expect(clippy::unwrap_used, reason = "so a test fails, and says why")]
#![allow(dead_code, unreachable_pub, reason = "a helper of which each test uses what it needs")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The proxy; it lives as long as its runtime.
pub struct ScriptedProxy {
    /// Where it listens.
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    visits: Arc<Mutex<usize>>,
}

impl ScriptedProxy {
    /// Runs the script for each connection; it is told which one it is, from 0.
    pub async fn start<Script, Done>(script: Script) -> Self
    where
        Script: Fn(usize, Visit) -> Done + Send + Sync + 'static,
        Done: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, visits) = (Arc::default(), Arc::new(Mutex::new(0)));
        let proxy = Self { address, heard: Arc::clone(&heard), visits: Arc::clone(&visits) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = {
                    let mut visits = visits.lock().unwrap();
                    *visits += 1;
                    *visits - 1
                };
                let visit = Visit { stream, heard: Arc::clone(&heard), read: Vec::new() };
                tokio::spawn(script(number, visit));
            }
        });
        proxy
    }

    /// Says these bytes to every request, and keeps the connection open.
    pub async fn saying(answer: &'static [u8]) -> Self {
        Self::start(move |_, mut visit| async move {
            while visit.request().await.is_some() {
                visit.send(answer).await;
            }
        })
        .await
    }

    /// The heads of all requests so far, in the order in which they came.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How many connections came.
    pub fn visits(&self) -> usize {
        *self.visits.lock().unwrap()
    }
}

/// One connection to the proxy.
pub struct Visit {
    /// The stream itself.
    pub stream: TcpStream,
    heard: Arc<Mutex<Vec<String>>>,
    read: Vec<u8>,
}

impl Visit {
    /// The head of the next request; none, if the client is gone.
    pub async fn request(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = self.read.split_off(end + 4);
                let head = String::from_utf8(std::mem::replace(&mut self.read, rest)).unwrap();
                self.heard.lock().unwrap().push(head.clone());
                return Some(head);
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.read.extend_from_slice(buffer.get(..count).unwrap()),
            }
        }
    }

    /// Exactly this many bytes.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count {
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => self.read.extend_from_slice(buffer.get(..read).unwrap()),
            }
        }
        let rest = self.read.split_off(count.min(self.read.len()));
        std::mem::replace(&mut self.read, rest)
    }

    /// Sends this; a client that is gone by then is no fault.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Sends one byte at a time.
    pub async fn send_slowly(&mut self, bytes: &[u8], pause: Duration) {
        for byte in bytes {
            self.send(&[*byte]).await;
            tokio::time::sleep(pause).await;
        }
    }

    /// Ends the connection by RST.
    pub fn reset(self) {
        let socket = socket2::Socket::from(self.stream.into_std().unwrap());
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// Says nothing more, and hangs up after a minute.
    pub async fn stay_silent(self) {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
}
