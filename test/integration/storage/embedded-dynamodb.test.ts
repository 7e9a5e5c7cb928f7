import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { locateBinary, startEmbeddedDynamoDB } from '../../../infra/local/embedded-dynamodb.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';

test('starts on a free port, answers, and is gone after stop', async () => {
  const emulator = await startEmbeddedDynamoDB();
  const factory = new SDKStorageFactory({ endpoint: emulator.endpoint, tableName: 'started' });
  await factory.createTable();
  await factory.createTable();
  await factory.ready();
  await emulator.stop();
  await expect(factory.ready()).rejects.toMatchObject({ code: 'Unreachable' });
  await factory.close();
});

test('an endpoint that is given is used, and nothing is started', async () => {
  const given = await startEmbeddedDynamoDB({ endpoint: 'http://127.0.0.1:1' });
  expect(given.endpoint).toBe('http://127.0.0.1:1');
  await given.stop();
});

test('where no binary fits, the message says what to run', () => {
  expect(() => locateBinary('sunos-x64')).toThrow(
    'no embedded DynamoDB is packaged for sunos-x64: run one yourself, such as "npx dynoxide --port 8000", and set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000',
  );
});

test('no emulator outlives a parent that was killed', async () => {
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', await parentProgram()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const endpoint = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (chunk) => resolve(String(chunk).trim())),
  );
  const port = new URL(endpoint).port;
  expect(emulatorsOn(port)).toHaveLength(1);
  parent.kill('SIGKILL');
  await expect.poll(() => emulatorsOn(port), { timeout: 5_000 }).toEqual([]);
});

/** The module, bundled, so that plain Node can run it. */
async function parentProgram(): Promise<string> {
  const { build } = await import('esbuild');
  const bundle = await build({
    stdin: {
      contents: `
        import { locateBinary, startEmbeddedDynamoDB } from './infra/local/embedded-dynamodb.ts';
        const { endpoint } = await startEmbeddedDynamoDB();
        console.log(endpoint);
        setInterval(() => {}, 1000);`,
      resolveDir: process.cwd(),
      sourcefile: 'parent.ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
    write: false,
  });
  return bundle.outputFiles[0]!.text;
}

function emulatorsOn(port: string): string[] {
  return processes().filter(
    (command) =>
      /dynoxide/.test(command) && command.includes(`\0--port\0${port}\0`) && !command.startsWith('/bin/sh'),
  );
}

function processes(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
}
