import { expect, test } from 'vitest';
import { configMapStrategy } from '../../../../shared/registry/core/configmap/strategy.ts';
import { secretStrategy } from '../../../../shared/registry/core/secret/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const CONFIG_KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const of = (kind: string, fields: object): Manifest => ({ kind, apiVersion: 'v1', ...fields });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const TOO_MUCH = 'x'.repeat(1024 * 1024 + 1);

test.each<[string, Manifest, string[]]>([
  ['keys and data', of('ConfigMap', { data: { 'a-b.C_d': 'x' }, binaryData: { e: base64('x') } }), []],
  [
    'bad keys',
    of('ConfigMap', {
      data: { 'a b': '', '..': '', '..a': '', '.': '', ok: 'x' },
      binaryData: { ok: base64('y'), '': base64('z') },
    }),
    [
      'data[.]: Invalid value: ".": must not be \'.\'',
      'data[..]: Invalid value: "..": must not be \'..\'',
      'data[..a]: Invalid value: "..a": must not start with \'..\'',
      `data[a b]: Invalid value: "a b": ${CONFIG_KEY}`,
      'data[ok]: Invalid value: "ok": duplicate of key present in binaryData',
      `binaryData[]: Invalid value: "": ${CONFIG_KEY}`,
    ],
  ],
  [
    'too much data',
    of('ConfigMap', { data: { a: TOO_MUCH } }),
    ['[]: Too long: may not be more than 1048576 bytes'],
  ],
])('config map, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(configMapStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'immutable',
    of('ConfigMap', { immutable: true, data: { a: 'b' } }),
    of('ConfigMap', { immutable: false, data: { a: 'c' }, binaryData: { x: base64('a') } }),
    [
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
      'binaryData: Forbidden: field is immutable when `immutable` is set',
    ],
  ],
  [
    'no longer immutable',
    of('ConfigMap', { immutable: true }),
    of('ConfigMap', {}),
    ['immutable: Forbidden: field is immutable when `immutable` is set'],
  ],
  [
    'immutable from now on',
    of('ConfigMap', { data: { a: 'b' } }),
    of('ConfigMap', { immutable: true, data: { a: 'c' } }),
    [],
  ],
])('config map, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(configMapStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, string[]]>([
  [
    'a bad key',
    of('Secret', { stringData: { 'a b': 'x' } }),
    [`data[a b]: Invalid value: "a b": ${CONFIG_KEY}`],
  ],
  [
    'too much data',
    of('Secret', { stringData: { a: TOO_MUCH } }),
    ['data: Too long: may not be more than 1048576 bytes'],
  ],
  [
    'a token without a service account',
    of('Secret', { type: 'kubernetes.io/service-account-token' }),
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  [
    'dockercfg without data',
    of('Secret', { type: 'kubernetes.io/dockercfg' }),
    ['data[.dockercfg]: Required value'],
  ],
  [
    'dockercfg that is not JSON',
    of('Secret', { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '{' } }),
    ['data[.dockercfg]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
  ],
  [
    'dockerconfigjson that is not JSON',
    of('Secret', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'x' } }),
    [
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for beginning of value',
    ],
  ],
  [
    'neither name nor password',
    of('Secret', { type: 'kubernetes.io/basic-auth' }),
    ['data[username]: Required value', 'data[password]: Required value'],
  ],
  ['only a name', of('Secret', { type: 'kubernetes.io/basic-auth', stringData: { username: 'a' } }), []],
  [
    'no private key',
    of('Secret', { type: 'kubernetes.io/ssh-auth' }),
    ['data[ssh-privatekey]: Required value'],
  ],
  [
    'no certificate',
    of('Secret', { type: 'kubernetes.io/tls' }),
    ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  ],
  ['any other type', of('Secret', { type: 'example.com/any' }), []],
])('secret, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(secretStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'another type',
    of('Secret', { type: 'a/b' }),
    of('Secret', { type: 'a/c' }),
    ['type: Invalid value: "a/c": field is immutable'],
  ],
  [
    'immutable',
    of('Secret', { immutable: true, stringData: { a: 'b' } }),
    of('Secret', { stringData: { a: 'c' } }),
    [
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ],
  ],
])('secret, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(secretStrategy, { from, to })).toEqual(causes);
});
