//! What a person does with a browser that has no scripts: opens pages, fills in forms, clicks buttons.

use std::collections::BTreeMap;

use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, LOCATION, SET_COOKIE},
};
use scraper::{ElementRef, Html, Selector};

/// A browser. With several nodes, every request goes to the next one.
#[derive(Debug, Clone)]
pub struct Browser {
    http: reqwest::Client,
    issuer: String,
    nodes: Vec<String>,
    turn: usize,
    cookies: BTreeMap<String, String>,
    said: Vec<(String, String)>,
}

/// A page, or a redirect that leads away from the issuer.
#[derive(Debug, Clone)]
pub struct Page {
    /// The status of the answer.
    pub status: StatusCode,
    /// Where it was found: the path at the issuer, or the whole URL outside it.
    pub at: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its text.
    pub body: String,
}

impl Browser {
    /// A browser that reaches the issuer at the issuer's own address.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        Self::of_nodes(issuer, &[issuer.to_owned()])
    }

    /// A browser whose requests to the issuer go to these nodes in turn.
    #[must_use]
    pub fn of_nodes(issuer: &str, nodes: &[String]) -> Self {
        super::install_crypto();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let cookies = BTreeMap::new();
        let (issuer, nodes) = (issuer.to_owned(), nodes.to_vec());
        Self { http, issuer, nodes, turn: 0, cookies, said: Vec::new() }
    }

    /// The same browser, or a proxy before it, saying this with every request.
    #[must_use]
    pub fn saying(mut self, header: &str, value: &str) -> Self {
        self.said.push((header.to_owned(), value.to_owned()));
        self
    }

    /// Takes a node out of the turn, as a load balancer does when it is gone.
    pub fn forget_node(&mut self, node: &str) {
        self.nodes.retain(|known| known != node);
    }

    /// The same browser, its cookies with it, led to other nodes.
    #[must_use]
    pub fn led_to(&self, node: &str) -> Self {
        Self { nodes: vec![node.to_owned()], ..self.clone() }
    }

    /// The cookies, by name.
    #[must_use]
    pub const fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Sets a cookie by hand, as whoever has the browser may.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Forgets all cookies.
    pub fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    /// Opens an address and follows redirects while they stay at the issuer.
    pub async fn open(&mut self, url: &str) -> Page {
        let at = self.local(url).expect("an address of the issuer");
        self.follow(Method::GET, at, None).await
    }

    /// Fills in the form that has the button, and clicks the button: `#id` of it.
    /// A field that is named several times in `fields` is sent several times; others keep their values.
    pub async fn submit(&mut self, page: &Page, button: &str, fields: &[(&str, &str)]) -> Page {
        let (method, action, form) = page.form(button, fields);
        let action = if action.is_empty() { page.at.clone() } else { action };
        let at = self.local(&action).expect("a form of the issuer");
        self.follow(method, at, Some(form)).await
    }

    async fn follow(
        &mut self,
        mut method: Method,
        mut at: String,
        mut form: Option<Vec<(String, String)>>,
    ) -> Page {
        for _ in 0..20 {
            let page = self.once(&method, &at, form.as_deref()).await;
            let Some(location) = page.headers.get(LOCATION) else { return page };
            let location = location.to_str().unwrap();
            let Some(next) = self.local(location) else {
                return Page { at: location.to_owned(), ..page };
            };
            (method, at, form) = (Method::GET, next, None);
        }
        panic!("too many redirects at {at}");
    }

    /// One request, no redirect followed.
    pub async fn once(
        &mut self,
        method: &Method,
        at: &str,
        form: Option<&[(String, String)]>,
    ) -> Page {
        let node = &self.nodes[self.turn % self.nodes.len()];
        self.turn += 1;
        let sent = if *method == Method::GET { form } else { None };
        let mut url = url::Url::parse(&format!("{node}{at}")).unwrap();
        if let Some(form) = sent {
            url.query_pairs_mut().clear().extend_pairs(form);
        }
        let mut request = self.http.request(method.clone(), url);
        for (name, value) in &self.said {
            request = request.header(name, value);
        }
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if let (Some(form), &Method::POST) = (form, method) {
            request = request.header("origin", &self.issuer).form(form);
        }
        let answer = request.send().await.unwrap();
        self.keep_cookies(answer.headers());
        let (status, headers) = (answer.status(), answer.headers().clone());
        Page { status, at: at.to_owned(), headers, body: answer.text().await.unwrap() }
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() || attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The path of an address, if it is at the issuer.
    fn local(&self, url: &str) -> Option<String> {
        let mut own = std::iter::once(&self.issuer).chain(&self.nodes);
        let path = own.find_map(|base| url.strip_prefix(base.as_str()));
        path.or_else(|| url.starts_with('/').then_some(url)).map(str::to_owned)
    }
}

impl Page {
    /// Whether it has an element like this.
    #[must_use]
    pub fn has(&self, selector: &str) -> bool {
        let html = Html::parse_document(&self.body);
        html.select(&Selector::parse(selector).unwrap()).next().is_some()
    }

    /// The text of the first element like this.
    #[must_use]
    pub fn text(&self, selector: &str) -> String {
        let html = Html::parse_document(&self.body);
        let found = html.select(&Selector::parse(selector).unwrap()).next();
        found
            .map(|element| element.text().collect::<String>().trim().to_owned())
            .unwrap_or_default()
    }

    /// An attribute of the first element like this.
    #[must_use]
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.body);
        html.select(&Selector::parse(selector).unwrap()).next()?.attr(name).map(str::to_owned)
    }

    /// Status and what is said of it: the error code of a page, or of a redirect.
    #[must_use]
    pub fn refusal(&self) -> String {
        let code = self.query("error").unwrap_or_else(|| self.text("#error-code"));
        format!("{} {code}", self.status.as_u16())
    }

    /// The values of every element with this name.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(&format!("[name='{name}']")).unwrap();
        html.select(&selector)
            .filter_map(|element| element.attr("value"))
            .map(str::to_owned)
            .collect()
    }

    /// A parameter of the address that a redirect led to.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(&self.at).ok()?;
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Method, action and fields of the form around a button, as a browser would send them.
    fn form(
        &self,
        button: &str,
        fields: &[(&str, &str)],
    ) -> (Method, String, Vec<(String, String)>) {
        let html = Html::parse_document(&self.body);
        let clicked = html.select(&Selector::parse(button).unwrap()).next();
        let clicked = clicked.unwrap_or_else(|| {
            panic!("no {button} at {} ({}): {}", self.at, self.status, self.body)
        });
        let form = clicked
            .ancestors()
            .filter_map(ElementRef::wrap)
            .find(|element| element.value().name() == "form");
        let form = form.expect("the button is in a form");
        let mut sent: Vec<(String, String)> = Vec::new();
        for input in form.select(&Selector::parse("input, textarea").unwrap()) {
            let (Some(name), kind) = (input.attr("name"), input.attr("type").unwrap_or("text"))
            else {
                continue;
            };
            let on = !matches!(kind, "checkbox" | "radio") || input.attr("checked").is_some();
            let given = fields.iter().any(|(given, _)| *given == name);
            if on && !given && kind != "submit" {
                sent.push((name.to_owned(), input.attr("value").unwrap_or_default().to_owned()));
            }
        }
        sent.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        if let Some(name) = clicked.attr("name") {
            sent.push((name.to_owned(), clicked.attr("value").unwrap_or_default().to_owned()));
        }
        let post = form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
        let method = if post { Method::POST } else { Method::GET };
        let action = clicked.attr("formaction").or_else(|| form.attr("action")).unwrap_or_default();
        (method, action.to_owned(), sent)
    }
}
