//! A DNS server on loopback that answers as the test says, over UDP and TCP at the same port.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "so a test fails, and says why")]
#![allow(dead_code, unreachable_pub, reason = "a helper of which each test uses what it needs")]

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What to say to one question.
#[derive(Clone)]
pub enum Reply {
    /// These, as far as they are of the type that was asked for; none is NOERROR without records.
    Addresses(Vec<IpAddr>),
    /// An alias, and nothing about what it stands for.
    Alias(&'static str),
    /// The alias and the addresses behind it in one answer.
    AliasWith(&'static str, Vec<IpAddr>),
    /// An error code.
    Code(ResponseCode),
    /// The question's id, and then bytes that are no DNS message.
    Garbage,
    /// An answer to another question's id, which must be passed over.
    WrongId(Vec<IpAddr>),
    /// "Truncated" over UDP, so that the addresses must be fetched over TCP.
    OnlyOverTcp(Vec<IpAddr>),
    /// Nothing.
    Silence,
}

/// A question as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name, with its final dot.
    pub name: String,
    /// A or AAAA.
    pub record_type: RecordType,
    /// Whether it came over TCP.
    pub over_tcp: bool,
}

type Script = dyn Fn(&str, RecordType) -> Reply + Send + Sync;

/// The server; it answers for as long as its runtime lives.
pub struct ScriptedResolver {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl ScriptedResolver {
    /// Answers at a free port.
    pub async fn start(script: impl Fn(&str, RecordType) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), script).await
    }

    /// Answers there.
    pub async fn start_at(
        address: SocketAddr,
        script: impl Fn(&str, RecordType) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (tcp, udp) = bind_both(address).await;
        let address = udp.local_addr().unwrap();
        let asked = Arc::default();
        let script: Arc<Script> = Arc::new(script);
        tokio::spawn(serve_udp(udp, Arc::clone(&script), Arc::clone(&asked)));
        tokio::spawn(serve_tcp(tcp, script, Arc::clone(&asked)));
        Self { address, asked }
    }

    /// All questions so far; one that was sent again over UDP counts once.
    pub fn asked(&self) -> Vec<Asked> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort_by_key(|question| (question.over_tcp, question.name.clone(), u16::from(question.record_type)));
        asked.dedup();
        asked
    }

    /// The names among them, in the order in which they were asked for first.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for Asked { name, .. } in self.asked.lock().unwrap().iter() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

/// The same port twice: a free TCP port may be taken in UDP, then it is another one's turn.
async fn bind_both(address: SocketAddr) -> (TcpListener, UdpSocket) {
    for _ in 0..20 {
        let tcp = TcpListener::bind(address).await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (tcp, udp);
        }
    }
    panic!("no port that is free in both TCP and UDP");
}

async fn serve_udp(socket: UdpSocket, script: Arc<Script>, asked: Arc<Mutex<Vec<Asked>>>) {
    let mut buffer = [0; 4096];
    loop {
        // An error here is ICMP's word on an earlier answer, whose asker has left.
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
        if let Some(answer) = answer(&buffer[..length], false, &*script, &asked) {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

async fn serve_tcp(listener: TcpListener, script: Arc<Script>, asked: Arc<Mutex<Vec<Asked>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve_stream(stream, Arc::clone(&script), Arc::clone(&asked)));
    }
}

async fn serve_stream(mut stream: TcpStream, script: Arc<Script>, asked: Arc<Mutex<Vec<Asked>>>) {
    while let Ok(length) = stream.read_u16().await {
        let mut question = vec![0; usize::from(length)];
        stream.read_exact(&mut question).await.unwrap();
        if let Some(answer) = answer(&question, true, &*script, &asked) {
            stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    }
}

fn answer(bytes: &[u8], over_tcp: bool, script: &Script, asked: &Mutex<Vec<Asked>>) -> Option<Vec<u8>> {
    let question = Message::from_vec(bytes).unwrap();
    let query = question.queries[0].clone();
    let (name, record_type) = (query.name().to_ascii(), query.query_type());
    asked.lock().unwrap().push(Asked { name: name.clone(), record_type, over_tcp });

    let mut answer = Message::response(question.id, question.op_code);
    answer.add_query(query.clone());
    let add_addresses = |answer: &mut Message, name: &Name, addresses: &[IpAddr]| {
        let records = addresses.iter().map(|address| Record::from_rdata(name.clone(), 60, RData::from(*address)));
        answer.add_answers(records.filter(|record| record.record_type() == record_type));
    };
    let add_alias = |answer: &mut Message, target: &str| {
        let target = Name::from_ascii(target).unwrap();
        answer.add_answer(Record::from_rdata(query.name().clone(), 60, RData::CNAME(CNAME(target.clone()))));
        target
    };
    match script(&name, record_type) {
        Reply::Addresses(addresses) => add_addresses(&mut answer, query.name(), &addresses),
        Reply::OnlyOverTcp(addresses) if over_tcp => add_addresses(&mut answer, query.name(), &addresses),
        Reply::OnlyOverTcp(_) => answer.metadata.truncation = true,
        Reply::Alias(target) => {
            add_alias(&mut answer, target);
        }
        Reply::AliasWith(target, addresses) => {
            let target = add_alias(&mut answer, target);
            add_addresses(&mut answer, &target, &addresses);
        }
        Reply::Code(code) => answer.metadata.response_code = code,
        Reply::WrongId(addresses) => {
            answer.metadata.id ^= 1;
            add_addresses(&mut answer, query.name(), &addresses);
        }
        Reply::Garbage => return Some([&bytes[..2], &[0xff; 40]].concat()),
        Reply::Silence => return None,
    }
    Some(answer.to_vec().unwrap())
}
