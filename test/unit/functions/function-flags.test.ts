import { expect, test } from 'vitest';
import { functionFlags } from '../../../functions/adapter/function-server.ts';

test('flags of the environment, without those that have no effect', () => {
  const environment = {
    ZEROPLANE_EVENT_TTL: '2h',
    ZEROPLANE_ARGUMENTS: '--profiling=false  --cors-allowed-origins=//a\\.b$',
  };
  expect(functionFlags(environment)).toEqual([
    ['event-ttl', '2h'],
    ['cors-allowed-origins', '//a\\.b$'],
  ]);
});

test('flags decided by API Gateway, and bad values of flags without effect, are rejected by name', () => {
  const words = ['--tls-min-version=VersionTLS13', '--disable-http2-serving', '--profiling=x'];
  expect(() => functionFlags({ ZEROPLANE_ARGUMENTS: words.join(' ') })).toThrow(
    [
      "--tls-min-version has no effect: API Gateway listens, functions don't",
      "--disable-http2-serving has no effect: API Gateway listens, functions don't",
      'invalid argument "x" for "--profiling" flag: strconv.ParseBool: parsing "x": invalid syntax',
    ].join('\n'),
  );
});
