import { expect, test } from 'vitest';
import { jsonLine, textLine } from '../../../shared/util/log-lines.ts';
import { type LogRecord, newLogger } from '../../../shared/util/logger.ts';

const origin = { time: new Date(2026, 0, 2, 3, 4, 5, 67), pid: 123 };

test.each<[LogRecord, string, object]>([
  [
    { level: 'info', verbosity: 3, message: 'request', fields: { verb: 'get', code: 200, isCold: false } },
    'I0102 03:04:05.067000     123 zeroplane] "request" verb="get" code=200 isCold=false',
    { msg: 'request', v: 3, verb: 'get', code: 200, isCold: false },
  ],
  [
    { level: 'warning', message: 'say "no"', fields: {} },
    'W0102 03:04:05.067000     123 zeroplane] "say \\"no\\""',
    { msg: 'say "no"', v: 0 },
  ],
  [
    { level: 'error', message: 'fails', error: 'Error: a\n    at b', fields: { tenant: 'acme' } },
    'E0102 03:04:05.067000     123 zeroplane] "fails" err=<\n\tError: a\n\t    at b\n > tenant="acme"',
    { msg: 'fails', tenant: 'acme', err: 'Error: a\n    at b' },
  ],
])('%o is written as by klog and zapr', (record, text, json) => {
  expect(textLine(record, origin)).toBe(text);
  expect(JSON.parse(jsonLine(record, origin))).toEqual({ ts: origin.time.getTime(), ...json });
});

test('a logger drops messages above its verbosity', () => {
  const said: LogRecord[] = [];
  const logger = newLogger((record) => said.push(record), 2);
  for (const verbosity of [0, 2, 3]) logger.info(verbosity, `at ${verbosity}`);
  logger.at(3).info(3, 'at 3, of another');
  logger.warning('always');
  expect(said.map(({ message }) => message)).toEqual(['at 0', 'at 2', 'at 3, of another', 'always']);
});

test('lines have the fields of the logger, of the running scope, and their own', async () => {
  const said: LogRecord[] = [];
  const logger = newLogger((record) => said.push(record));
  const tenant = logger.with({ tenant: 'acme' });
  const requests = ['a', 'b'].map((auditID) =>
    logger.during({ auditID }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      tenant.error('fails', undefined, { key: auditID.toUpperCase() });
    }),
  );
  await Promise.all(requests);
  logger.warning('alone');
  expect(said.map(({ fields }) => fields)).toEqual([
    { tenant: 'acme', auditID: 'a', key: 'A' },
    { tenant: 'acme', auditID: 'b', key: 'B' },
    {},
  ]);
});
