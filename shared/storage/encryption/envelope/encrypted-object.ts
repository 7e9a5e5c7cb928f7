/** https://github.com/kubernetes/apiserver/blob/master/pkg/storage/value/encrypt/envelope/kmsv2/v2/api.proto */

import protobuf from 'protobufjs/minimal.js';
import { DecryptionError } from '../cipher.ts';
import type { EncryptedKey } from './key-service.ts';

/** Purpose of the encrypted key. */
export const KEY_TYPE = { aesGCM: 0, extendedNonceSeed: 1 } as const;

export interface EncryptedObject {
  readonly data: Uint8Array;
  readonly key: EncryptedKey;
  readonly keyType: number;
}

const FIELD = { data: 1, keyID: 2, encryptedKey: 3, annotations: 4, keyType: 5 } as const;
const BYTES = 2;
const VARINT = 0;
const MAX_KEY_ID = 1024;
const MAX_ENCRYPTED_KEY = 1024;
const MAX_ANNOTATIONS = 32 * 1024;

const tag = (field: number, wireType: number): number => (field << 3) | wireType;

export function encodeEncryptedObject({ data, key, keyType }: EncryptedObject): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(tag(FIELD.data, BYTES)).bytes(data);
  writer.uint32(tag(FIELD.keyID, BYTES)).string(key.keyID);
  writer.uint32(tag(FIELD.encryptedKey, BYTES)).bytes(key.ciphertext);
  for (const [name, value] of Object.entries(key.annotations).sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.uint32(tag(FIELD.annotations, BYTES)).fork();
    writer.uint32(tag(1, BYTES)).string(name);
    writer.uint32(tag(2, BYTES)).bytes(Buffer.from(value));
    writer.ldelim();
  }
  if (keyType !== 0) writer.uint32(tag(FIELD.keyType, VARINT)).uint32(keyType);
  return writer.finish();
}

function readAnnotation(reader: protobuf.Reader): [string, string] {
  const end = reader.uint32() + reader.pos;
  let name = '';
  let value = '';
  while (reader.pos < end) {
    const field = reader.uint32();
    if (field === tag(1, BYTES)) name = reader.string();
    else if (field === tag(2, BYTES)) value = Buffer.from(reader.bytes()).toString();
    else reader.skipType(field & 7);
  }
  if (reader.pos !== end) throw new DecryptionError('the stored data is not an encrypted object');
  return [name, value];
}

function read(stored: Uint8Array): EncryptedObject {
  const reader = protobuf.Reader.create(stored);
  const annotations: [string, string][] = [];
  let data: Uint8Array = new Uint8Array();
  let ciphertext: Uint8Array = new Uint8Array();
  let keyID = '';
  let keyType = 0;
  while (reader.pos < reader.len) {
    const field = reader.uint32();
    if (field === tag(FIELD.data, BYTES)) data = reader.bytes();
    else if (field === tag(FIELD.keyID, BYTES)) keyID = reader.string();
    else if (field === tag(FIELD.encryptedKey, BYTES)) ciphertext = reader.bytes();
    else if (field === tag(FIELD.annotations, BYTES)) annotations.push(readAnnotation(reader));
    else if (field === tag(FIELD.keyType, VARINT)) keyType = reader.uint32();
    else reader.skipType(field & 7);
  }
  return { data, key: { ciphertext, keyID, annotations: Object.fromEntries(annotations) }, keyType };
}

/** Throws `DecryptionError`. */
export function decodeEncryptedObject(stored: Uint8Array): EncryptedObject {
  let object: EncryptedObject;
  try {
    object = read(stored);
  } catch (cause) {
    throw new DecryptionError('the stored data is not an encrypted object', cause);
  }
  const { data, key, keyType } = object;
  const types: readonly number[] = Object.values(KEY_TYPE);
  if (!types.includes(keyType)) throw new DecryptionError(`unknown encryptedDEKSourceType: ${keyType}`);
  if (data.length === 0) throw new DecryptionError('encrypted data is empty');
  const annotationsSize = JSON.stringify(key.annotations).length;
  const isTooLong = key.ciphertext.length > MAX_ENCRYPTED_KEY || Buffer.byteLength(key.keyID) > MAX_KEY_ID;
  if (key.ciphertext.length === 0 || key.keyID === '' || isTooLong || annotationsSize > MAX_ANNOTATIONS) {
    throw new DecryptionError('failed to validate encrypted DEK source');
  }
  return object;
}
