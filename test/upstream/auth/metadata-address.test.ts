import { describe, expect, test } from 'vitest';
import { isAwsMetadataAddress } from '../../../server/upstream/address-class.ts';
import { checkUrl, resolveChecked } from '../../../server/upstream/egress-guard.ts';
import { failureOf, openUpstream, readAll, send, serveHttp } from '../loopback.ts';

const ADDRESSES = ['169.254.169.254', '169.254.170.2', '169.254.170.23', '[fd00:ec2::254]', '[fd00:ec2::23]'];

const check = (
  url: string,
  allow: { readonly allowMetadataAddress?: boolean; readonly allowPrivateAddress?: boolean },
) => {
  const destination = { url: new URL(url), allowPrivateAddress: false, ...allow };
  checkUrl(destination);
  return resolveChecked(destination, async () => []);
};
const DENIED = expect.objectContaining({ failure: 'EGRESS_DENIED' });

describe('where AWS gives credentials', () => {
  test.each(ADDRESSES)('%s passes the guard for that purpose alone', async (host) => {
    expect(await check(`http://${host}/`, { allowMetadataAddress: true })).toHaveLength(1);
    expect(await failureOf(check(`https://${host}/`, {}))).toEqual(DENIED);
    expect(await failureOf(check(`http://${host}/`, { allowPrivateAddress: true }))).toEqual(DENIED);
  });

  test.each([
    '169.254.169.253',
    '169.254.170.3',
    '169.254.1.1',
    '100.100.100.200',
    '168.63.129.16',
    '[fd00:ec2::255]',
    '[fe80::1]',
    '10.0.0.1',
    '127.0.0.1',
    '8.8.8.8',
  ])('no other address does: %s', async (host) => {
    await expect(async () => check(`http://${host}/`, { allowMetadataAddress: true })).rejects.toEqual(DENIED);
  });

  test('every spelling of an address is known, and nothing that only looks like one', () => {
    expect(isAwsMetadataAddress('fd00:0ec2:0:0::0254')).toBe(true);
    for (const other of ['fd00:ec2::254%1', 'example', '', '169.254.169.254.example', '2852039166']) {
      expect(isAwsMetadataAddress(other)).toBe(false);
    }
  });

  test('a connection that was opened for it serves no other request', async () => {
    const server = await serveHttp((_request, response) => response.end('ok'));
    const upstream = openUpstream();
    await readAll((await send(upstream, server.url)).body);
    await readAll((await send(upstream, server.url, { method: 'PUT', allowMetadataAddress: true })).body);
    expect(server.sockets).toHaveLength(2);
  });
});
