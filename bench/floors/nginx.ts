import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type RunningProcess, scratch, startProcess } from '../processes.ts';

/** Whether nginx is installed. */
export const hasNginx = spawnSync('nginx', ['-v']).status === 0;

/** A plain reverse proxy: what the same bytes cost without looking at them. One process, in the foreground. */
export async function startNginx(upstreamPort: number): Promise<RunningProcess> {
  const folder = join(scratch, 'nginx');
  mkdirSync(folder);
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, configOf(folder, { port, upstreamPort }));
  const started = await startProcess({
    name: 'nginx',
    place: 'measured',
    command: 'nginx',
    args: ['-p', folder, '-c', config, '-e', 'stderr'],
    // What it logs once it listens. It never says its port, so the group holds another word.
    ready: /using the "(\w+)" event method/,
  });
  return { ...started, port };
}

function configOf(folder: string, { port, upstreamPort }: { port: number; upstreamPort: number }): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder};`);
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 4096; }
http {
  ${temporary.join('\n  ')}
  access_log off;
  keepalive_requests 1000000000;
  upstream provider {
    server 127.0.0.1:${upstreamPort};
    keepalive 256;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_buffering off;
    }
  }
}
`;
}
