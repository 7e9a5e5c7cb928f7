import { expect, test } from 'vitest';
import { imageTag } from '../../../../shared/apis/core/image-reference.ts';

const hex = (length: number) => 'a'.repeat(length);

test.each([
  ['busybox', 'latest'],
  ['busybox:1.36', '1.36'],
  ['localhost/busybox', 'latest'],
  ['registry.example.com:5000/team/app', 'latest'],
  ['registry.example.com:5000/team/app:v2', 'v2'],
  ['[::1]:5000/app', 'latest'],
  ['docker.io/busybox', 'latest'],
  ['index.docker.io/library/busybox:1', '1'],
  [`busybox@sha256:${hex(64)}`, ''],
  [`busybox:1@sha256:${hex(64)}`, '1'],
  ['Busybox', ''],
  ['TEAM/app', 'latest'],
  ['team/App', ''],
  ['', ''],
  ['Not Valid!', ''],
  ['a//b', ''],
  [hex(64), ''],
  [`app:${hex(64)}`, hex(64)],
  [hex(247), 'latest'],
  [hex(248), ''],
  [`example.com/${hex(255)}`, 'latest'],
  [`example.com/${hex(256)}`, ''],
])('%s has the tag "%s"', (image, tag) => {
  expect(imageTag(image)).toBe(tag);
});
