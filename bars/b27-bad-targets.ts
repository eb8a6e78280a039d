import { allRight, type Bar, exactly, holds } from './support/finding.ts';
import { startGateway } from './support/gateway.ts';
import { startProvider } from './support/provider.ts';
import { http2Status, raw, statusOf } from './support/raw.ts';

// B27: malformed hosts, authorities and targets on every kind of path get 400, or an error of HTTP/2; never success; and
// the process lives on.
// Seeded bug: hosts and targets are not checked.

const PATHS = ['/healthz', '/v1/models', '/sluice.v1.ModelService/ListModels', '/nowhere'];
const HOSTS = [
  ...[
    '[',
    ']',
    '[::1',
    '[]',
    '[x]',
    '',
    ' ',
    'x:99999',
    'x:',
    'x:-1',
    'x:1:2',
    'x:8o',
    '#@h',
    'a b',
    'a/b',
    'a?b',
    'a#b',
  ],
  ...['user@host', 'x,y', '%00', '%', 'é', '..', '-x', '.x', 'x\\y', '<x>', '"x"', "x'y", '{x}', `x${'x'.repeat(300)}`],
];
const TARGETS = [
  '//',
  '//evil.example/v1/models',
  '///',
  'http://evil.example/healthz',
  'https://',
  '*',
  'healthz',
  'a:1',
];
const BROKEN_LINES = ['/a b', '/\u00e9', '/\u0000', ''];

type Case = { readonly name: string; readonly wrong: string | undefined };

const refused = (name: string, status: number, allowed: readonly number[]): Case => ({
  name,
  wrong: allowed.includes(status) ? undefined : `status ${status}`,
});

async function overHttp1(port: number): Promise<Case[]> {
  const requests = PATHS.flatMap((path) => [
    ...HOSTS.map((host) => [`Host "${host}" ${path}`, `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n`] as const),
    [`no Host ${path}`, `GET ${path} HTTP/1.1\r\n`] as const,
    [`HTTP/1.0 without Host ${path}`, `GET ${path} HTTP/1.0\r\n`] as const,
    [`two Hosts ${path}`, `GET ${path} HTTP/1.1\r\nhost: x\r\nhost: y\r\n`] as const,
  ]);
  const targets = [...TARGETS, ...BROKEN_LINES].map(
    (target) => [`target "${target}"`, `GET ${target} HTTP/1.1\r\nhost: x\r\n`] as const,
  );
  const cases = [];
  for (const [name, text] of [...requests, ...targets]) {
    cases.push(refused(name, statusOf(await raw(port, `${text}connection: close\r\n\r\n`)), [400]));
  }
  return cases;
}

async function overHttp2(port: number): Promise<Case[]> {
  const cases = [];
  for (const path of PATHS) {
    for (const authority of HOSTS.filter((host) => host.trim() !== '' && host !== 'é')) {
      const status = await http2Status(port, { ':path': path, ':authority': authority });
      cases.push(refused(`:authority "${authority}" ${path}`, status, [0, 400]));
    }
  }
  for (const target of TARGETS) {
    cases.push(refused(`:path "${target}"`, await http2Status(port, { ':path': target, ':authority': 'x' }), [0, 400]));
  }
  return cases;
}

export const badTargets: Bar = async () => {
  const provider = await startProvider();
  const gateway = await startGateway({ providers: { p: provider.url } });
  const http1 = await overHttp1(gateway.port);
  const http2 = await overHttp2(gateway.port);
  const healthy = gateway.alive && (await fetch(`${gateway.url}/healthz`)).status === 200;
  const calls = provider.seen.length;
  await gateway.close();
  await provider.close();
  return [
    allRight('requests refused over HTTP/1.1', http1),
    allRight('over HTTP/2', http2),
    holds('the same process serves', healthy),
    exactly('calls upstream', calls, 0),
  ];
};
