// The library wants the XMLHttpRequest of a browser; this is as much of one as it uses, on Node's fetch.
globalThis.XMLHttpRequest = class {
  readyState = 0;
  status = 0;
  responseType = '';
  #headers = {};

  open(method, url) {
    this.method = method.toUpperCase();
    this.url = url;
  }

  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  getResponseHeader(name) {
    return this.answer.headers.get(name);
  }

  getAllResponseHeaders() {
    return [...this.answer.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }

  async send(body) {
    this.onloadstart?.();
    try {
      this.answer = await fetch(this.url, { method: this.method, headers: this.#headers, body });
      this.status = this.answer.status;
      const bytes = await this.answer.arrayBuffer();
      this.onprogress?.({ loaded: bytes.byteLength });
      const text = () => new TextDecoder().decode(bytes);
      this.response = this.responseType === 'arraybuffer' ? bytes
        : this.responseType === 'json' ? (this.status === 200 ? JSON.parse(text()) : null) : text();
    } catch (failure) {
      this.failure = failure;
      this.status = 0;
    }
    this.readyState = 4;
    this.onreadystatechange?.();
    this.onloadend?.();
  }
};

