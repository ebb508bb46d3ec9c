//! The listener: HTTP to [`Request`]s, accounts and callers looked up, faults, answers.
//!
//! `PUT /_emulator` with the JSON of [`Settings`] forgets everything and starts anew; no such path is AWS's.
//! Hosts are ignored, as the SDKs put the account before any of them.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Bytes;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::caller::{Caller, Principal, access_key};
use super::error::{self, Answer, Refusal, invalid_request};
use super::faults::{Fate, Faults, Trouble};
use super::routes::{Request, serve};
use super::store::{Instance, Quotas, Tags};
use super::wire;

/// What a test sets up.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) quotas: Quotas,
    pub(crate) faults: Faults,
    /// By access key id.
    pub(crate) callers: BTreeMap<String, Caller>,
}

impl Default for Settings {
    /// AWS's own quotas, no fault, no caller.
    fn default() -> Settings {
        let quotas = Quotas { grants: 100_000, locations: 1_000 };
        Settings { quotas, faults: Faults::default(), callers: BTreeMap::new() }
    }
}

impl Settings {
    /// `{"callers": {"KEY": [["IAM", "arn:…"], ["DIRECTORY_GROUP", "…"]]}}`.
    fn read(json: &[u8]) -> Option<Settings> {
        let json: Value = serde_json::from_slice(json).ok()?;
        let mut settings = Settings::default();
        for (key, identities) in json.get("callers")?.as_object()? {
            let principal = |each: &Value| Principal::of(each.get(0)?.as_str()?, each.get(1)?.as_str()?);
            let principals = identities.as_array()?.iter().map(principal).collect::<Option<_>>()?;
            settings.callers.insert(key.clone(), Caller { principals, application: None });
        }
        Some(settings)
    }
}

/// Everything that the emulator knows.
#[derive(Debug)]
struct State {
    settings: Settings,
    trouble: Trouble,
    requests: u64,
    /// By account and region.
    instances: BTreeMap<(String, String), Instance>,
}

impl State {
    fn new(settings: Settings) -> State {
        let trouble = Trouble::new(settings.faults.clone());
        State { settings, trouble, requests: 0, instances: BTreeMap::new() }
    }
}

/// The account and region that a request speaks of, and who speaks.
pub(crate) struct Account<'s> {
    pub(crate) quotas: Quotas,
    pub(crate) trouble: &'s mut Trouble,
    place: (String, String),
    key: String,
    callers: &'s BTreeMap<String, Caller>,
    instances: &'s mut BTreeMap<(String, String), Instance>,
}

impl Account<'_> {
    pub(crate) fn instance(&mut self) -> Answer<&mut Instance> {
        self.instances.get_mut(&self.place).ok_or_else(error::no_instance)
    }

    pub(crate) fn create_instance(&mut self, center: Option<String>, tags: Tags) -> Answer<&Instance> {
        let (account, region) = &self.place;
        let arn = format!("arn:aws:s3:{region}:{account}:access-grants/default");
        Ok(self.instances.entry(self.place.clone()).or_insert(Instance::new(arn, center, tags)?))
    }

    pub(crate) fn drop_instance(&mut self) {
        self.instances.remove(&self.place);
    }

    pub(crate) fn caller(&self) -> Answer<Caller> {
        self.callers.get(&self.key).cloned().ok_or_else(error::unknown_key)
    }
}

/// An emulator that listens.
#[derive(Debug)]
pub(crate) struct Emulator {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Emulator {
    /// Starts one on a free port; it ends with the runtime.
    pub(crate) async fn start(settings: Settings) -> io::Result<Emulator> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::new(settings)));
        let router = Router::new().fallback(handle).with_state(Arc::clone(&state));
        let service = router.into_make_service_with_connect_info::<Peer>();
        tokio::spawn(async move { axum::serve(Lines(listener), service).await });
        Ok(Emulator { address, state })
    }

    /// Other faults from now on.
    pub(crate) fn trouble(&self, faults: Faults) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).trouble = Trouble::new(faults);
    }

    /// How many requests have come.
    pub(crate) fn requests(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).requests
    }
}

async fn handle(
    axum::extract::State(state): axum::extract::State<Arc<Mutex<State>>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    if uri.path() == "/_emulator" && method == Method::PUT {
        return match Settings::read(&body) {
            Some(settings) => {
                *state = State::new(settings);
                StatusCode::OK.into_response()
            }
            None => StatusCode::BAD_REQUEST.into_response(),
        };
    }
    state.requests += 1;
    let id = format!("EMULATED{:08}", state.requests);
    let fate = state.trouble.next(method != Method::GET);
    let done = match fate {
        Fate::SlowDown => Err(error::slow_down()),
        Fate::Internal => Err(error::internal()),
        Fate::Served | Fate::Lost => answer(&mut state, &method, &uri, &headers, &body),
    };
    if fate == Fate::Lost {
        peer.cut.store(true, Ordering::Relaxed);
    }
    let (status, body) = done.unwrap_or_else(|refusal| (refusal.status, wire::error(&refusal, &id)));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("content-type", "application/xml".to_owned()), ("x-amz-request-id", id)], body).into_response()
}

fn answer(
    state: &mut State,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Answer<(u16, String)> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let account = header("x-amz-account-id");
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid_request("x-amz-account-id must be 12 digits"));
    }
    let authorization = header("authorization");
    let region = authorization.split('/').nth(2).unwrap_or_default();
    let key = access_key(authorization).ok_or_else(error::unknown_key)?;
    let path = uri.path().strip_prefix("/v20180820/").ok_or_else(error::no_method)?;
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let query = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decoded(name)?, decoded(value)?))
    });
    let request = Request {
        method: method.as_str().to_owned(),
        path: decoded(path)?,
        query: query.collect::<Answer<_>>()?,
        body: body.to_vec(),
    };
    let mut account = Account {
        quotas: state.settings.quotas,
        trouble: &mut state.trouble,
        place: (account.to_owned(), region.to_owned()),
        key: key.to_owned(),
        callers: &state.settings.callers,
        instances: &mut state.instances,
    };
    serve(&mut account, &request)
}

fn decoded(text: &str) -> Result<String, Refusal> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned).map_err(|_| invalid_request("the URI is not UTF-8"))
}

/// The other end of a connection, which can be cut.
#[derive(Clone, Debug)]
struct Peer {
    cut: Arc<AtomicBool>,
}

/// Connections that can be cut before an answer leaves.
struct Lines(TcpListener);

struct Line {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
}

impl Listener for Lines {
    type Io = Line;
    type Addr = Peer;

    async fn accept(&mut self) -> (Line, Peer) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        // Answers are small: to gather them would make each wait. A connection that refuses is slower, not wrong.
        let _ = stream.set_nodelay(true);
        let cut = Arc::new(AtomicBool::new(false));
        (Line { stream, cut: Arc::clone(&cut) }, Peer { cut })
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer { cut: Arc::new(AtomicBool::new(false)) })
    }
}

impl Connected<IncomingStream<'_, Lines>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Peer {
        stream.remote_addr().clone()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, to)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.cut.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
