import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AddressClass, classifyAddress, isGlobalAddress } from '../../server/upstream/address-class.ts';

const CASES: Readonly<Record<AddressClass, readonly string[]>> = {
  global: [
    '1.0.0.0',
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '104.18.6.192',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '191.255.255.255',
    '192.0.1.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '203.0.112.255',
    '203.0.114.0',
    '223.255.255.255',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2001:db7:ffff::1',
    '2001:db9::1',
    '2003::1',
    '2606:4700::6812:6c0',
    '2A00:1450:4001:0:0:0:0:1',
    '3ffd::1',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
  ],
  private: [
    '10.0.0.0',
    '10.255.255.255',
    '127.0.0.0',
    '127.0.0.1',
    '127.255.255.255',
    '172.16.0.0',
    '172.31.255.255',
    '192.168.0.0',
    '192.168.255.255',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fc00::',
    'fd12:3456:789a::1',
    'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:FFFF:7F00:0001',
    '::ffff:10.0.0.1',
    '::ffff:192.168.1.1',
  ],
  never: [
    '0.0.0.0',
    '0.255.255.255',
    '100.64.0.0',
    '100.100.100.200',
    '100.127.255.255',
    '168.63.129.16',
    '169.254.0.0',
    '169.254.169.254',
    '169.254.255.255',
    '192.0.0.0',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.0',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.255',
    '224.0.0.0',
    '239.255.255.255',
    '240.0.0.0',
    '255.255.255.254',
    '255.255.255.255',
    '::',
    '::2',
    '::7f00:1', // IPv4-compatible 127.0.0.1
    '::8.8.8.8',
    '::ffff:0.0.0.0',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::ffff:100.64.0.1',
    '::ffff:0:8.8.8.8', // IPv4-translated
    '64:ff9b::8.8.8.8',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '1fff::1',
    '2001::1',
    '2001:0:53aa:64c:0:fbff:f7f7:f7f7', // Teredo
    '2001:2::1',
    '2001:10::1',
    '2001:1ff::1',
    '2001:db8::1',
    '2002:7f00:1::1', // 6to4 of 127.0.0.1
    '2002:808:808::1',
    '3ffe::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fbff::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fe00::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    '2606:4700::1%1',
    '',
    'localhost',
    'example.com',
    '127.1',
    '0x7f000001',
    '2130706433',
    '8.8.8.8.',
    '8.8.8.8/32',
    '08.8.8.8',
    '[::1]',
    '2606:4700:::1',
  ],
};

const group = fc.integer({ min: 0, max: 0xffff });

describe('classifyAddress', () => {
  for (const kind of ['global', 'private', 'never'] as const) {
    it.each(CASES[kind])(`calls %j ${kind}`, (address) => {
      expect(classifyAddress(address)).toBe(kind);
      expect(isGlobalAddress(address)).toBe(kind === 'global');
    });
  }

  it('judges a mapped address as the IPv4 address within it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(classifyAddress(`::ffff:${address}`)).toBe(classifyAddress(address));
      }),
    );
  });

  it('calls no IPv6 address global outside 2000::/3', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0x4000, max: 0xffff }),
        fc.array(group, { minLength: 7, maxLength: 7 }),
        (first, rest) => {
          const address = [first, ...rest].map((value) => value.toString(16)).join(':');
          expect(isGlobalAddress(address)).toBe(false);
        },
      ),
    );
  });
});
