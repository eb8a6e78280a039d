import dns from 'node:dns';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { type Address, checkUrl, type Resolve, resolveChecked } from '../../server/upstream/egress-guard.ts';
import { failureOf, openUpstream, readAll, send, serveHttp, untilClosed } from './loopback.ts';

const DENIED = expect.objectContaining({ name: 'AttemptError', failure: 'EGRESS_DENIED' });

const answering =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address): Address => ({ address, family: address.includes(':') ? 6 : 4 }));

const check = (url: string, allowPrivateAddress: boolean, resolve: Resolve = answering()) =>
  resolveChecked({ url: new URL(url), allowPrivateAddress }, resolve);

/** Spellings of addresses that are not public. */
const INNER_URLS = [
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.0x0.0x0.0x1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://127.0.0.1./',
  'https://%31%32%37.0.0.1/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://0/',
  'https://0.0.0.0/',
  'https://10.1.2.3/',
  'https://0xa010203/',
  'https://172.16.0.1/',
  'https://192.168.0.1:8443/',
  'https://3232235521/',
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://100.100.100.200/',
  'https://168.63.129.16/',
  'https://192.0.0.192/',
  'https://198.18.0.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[::]/',
  'https://[::1]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[0:0:0:0:0:ffff:10.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  'https://[fc00::1]/',
  'https://[fd00:ec2::254]/',
  'https://[fe80::1]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
] as const;

describe('the egress guard', () => {
  it.each(INNER_URLS)('refuses %s', async (url) => {
    const resolve = vi.fn(answering('8.8.8.8'));
    expect(await failureOf(check(url, false, resolve))).toEqual(DENIED);
    expect(resolve).not.toHaveBeenCalled();
  });

  it.each([
    'https://169.254.169.254/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://0.0.0.0/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://224.0.0.1/',
    'https://100.64.0.1/',
  ])('refuses %s even where private addresses are allowed', async (url) => {
    expect(await failureOf(check(url, true))).toEqual(DENIED);
  });

  it.each(['https://127.0.0.1/', 'http://127.0.0.1:11434/', 'http://10.0.0.1/', 'http://[::1]/', 'http://[fd12::1]/'])(
    'lets %s pass where private addresses are allowed',
    async (url) => {
      expect(await check(url, true)).toHaveLength(1);
    },
  );

  it('lets a host pass whose addresses are all public, and keeps their order', async () => {
    const resolve = answering('2606:4700::6812:6c0', '104.18.6.192');
    expect((await check('https://api.example.com/', false, resolve)).map(({ address }) => address)).toEqual([
      '2606:4700::6812:6c0',
      '104.18.6.192',
    ]);
  });

  it.each([
    ['127.0.0.1', '8.8.8.8'],
    ['8.8.8.8', '10.0.0.1'],
    ['2606:4700::1', '::1'],
    ['8.8.8.8', '::ffff:192.168.0.1'],
  ])('refuses a host with one inner address among %s and %s', async (...addresses) => {
    expect(await failureOf(check('https://rebind.example.com/', false, answering(...addresses)))).toEqual(DENIED);
  });

  it.each(['file:///etc/passwd', 'ftp://example.com/', 'data:,x', 'ws://example.com/', 'gopher://example.com/'])(
    'refuses the scheme of %s',
    (url) => {
      expect(() => checkUrl({ url: new URL(url), allowPrivateAddress: true })).toThrow('scheme');
    },
  );

  it.each(['https://user@api.example.com/', 'https://user:word@api.example.com/', 'https://:word@api.example.com/'])(
    'refuses credentials in %s without repeating them',
    (url) => {
      const refuse = () => checkUrl({ url: new URL(url), allowPrivateAddress: true });
      expect(refuse).toThrow('user name or password');
      expect(refuse).not.toThrow(/user:|word@/);
    },
  );

  it('refuses plain http without allow_private_address, since the credential would travel in clear', () => {
    expect(() => checkUrl({ url: new URL('http://api.example.com/'), allowPrivateAddress: false })).toThrow('in clear');
  });

  it('refuses plain http to a public address even with allow_private_address', async () => {
    const error = await failureOf(check('http://api.example.com/', true, answering('8.8.8.8')));
    expect(error).toEqual(DENIED);
    expect(String(error)).toContain('in clear');
  });
});

describe('a request through the guard', () => {
  it('opens no connection when it is refused', async () => {
    const server = await serveHttp((_request, response) => response.end());
    const upstream = openUpstream({ resolve: answering('127.0.0.1') });
    for (const host of ['localhost', '127.0.0.1', '[::ffff:127.0.0.1]', 'provider.example']) {
      const url = new URL(`https://${host}:${server.port}/`);
      expect(await failureOf(send(upstream, url, { allowPrivateAddress: false }))).toEqual(DENIED);
    }
    // The server accepts in order: had there been another connection before this one, it would be known by now.
    await new Promise<void>((resolve) => {
      connect(server.port, '127.0.0.1', resolve);
    });
    await vi.waitFor(() => expect(server.sockets.length).toBeGreaterThan(0));
    expect(server.sockets).toHaveLength(1);
  });

  it('connects to the address that was checked, whatever the resolver says later', async () => {
    const server = await serveHttp((request, response) => response.end(request.headers.host));
    const answers = ['127.0.0.1', '169.254.169.254', '169.254.169.254'];
    const resolve = vi.fn<Resolve>(async () => [{ address: answers.shift() ?? '', family: 4 }]);
    const upstream = openUpstream({ resolve });
    // What node:net would ask, were the name left to it.
    const secondLookup = vi.spyOn(dns, 'lookup');
    const url = new URL(`http://localhost:${server.port}/`);
    const first = await send(upstream, url);
    expect((await readAll(first.body)).toString()).toBe(`localhost:${server.port}`);
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(secondLookup).not.toHaveBeenCalled();
    // A new connection asks anew and is judged anew.
    const closed = untilClosed(server.sockets[0]!);
    server.sockets[0]?.destroy();
    await closed;
    await vi.waitFor(async () => expect(await failureOf(send(upstream, url))).toEqual(DENIED));
  });

  it('keeps pools apart by whether private addresses are allowed', async () => {
    const server = await serveHttp((_request, response) => response.end('ok'));
    const upstream = openUpstream();
    const url = new URL(`https://127.0.0.1:${server.port}/`);
    await failureOf(send(upstream, url));
    expect(await failureOf(send(upstream, url, { allowPrivateAddress: false }))).toEqual(DENIED);
  });

  it.each(['host', 'Host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'expect', 'bad name'])(
    'refuses to send the header %s',
    async (name) => {
      const server = await serveHttp((_request, response) => response.end());
      const error = await failureOf(send(openUpstream(), server.url, { headers: { [name]: '5' } }));
      expect(error).toEqual(DENIED);
      expect(server.sockets).toHaveLength(0);
    },
  );

  it.each(['a\r\nx-evil: 1', 'a\nb', 'a\rb', 'a\0b', 'a\u2028b'])(
    'refuses the header value %j and does not repeat it',
    async (value) => {
      const server = await serveHttp((_request, response) => response.end());
      const error = await failureOf(send(openUpstream(), server.url, { headers: { 'x-key': value } }));
      expect(error).toEqual(DENIED);
      expect(String(error)).not.toContain(value);
    },
  );
});
