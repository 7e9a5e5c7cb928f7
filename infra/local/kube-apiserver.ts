/**
 * `zeroplane kube-apiserver`: the API server alone, with kube-apiserver's flags, for programs that start one: envtest,
 * integration tests, scripts. Unlike `zeroplane start` it creates no users and runs none of kube-controller-manager's
 * controllers.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KUBERNETES_RELEASE } from '../../shared/apis/kubernetes-release.ts';
import { createControlPlane } from '../../shared/server/create-control-plane.ts';
import { loadOptions } from '../../shared/server/options/completed-options.ts';
import { FLAGS_WITHOUT_EFFECT, withoutEffect } from '../../shared/server/options/flags-without-effect.ts';
import { FLAGS } from '../../shared/server/options/options.ts';
import { readOptions } from '../../shared/server/options/parse-options.ts';
import { validateOptions } from '../../shared/server/options/validate-options.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { TableUsageCounter } from '../../shared/storage/table-usage.ts';
import { issueCertificate, type KeyPair } from '../../shared/util/issue-certificate.ts';
import { advertisedAddress } from './advertised-address.ts';
import { tablesBehind } from './etcd.ts';
import { givenFlags } from './given-flags.ts';
import { GRACE_MS, startHttpsServer } from './http/https-server.ts';
import { SERVER_HOSTS } from './keys/pki.ts';
import { localLogger } from './logger.ts';
import { SERVING_FLAGS, type ServingFlags, splitFlags } from './serving-flags.ts';
import { terminationSignal } from './termination-signal.ts';

/** Runs until a signal ends it. */
export async function runKubeAPIServer(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(flagList());
    return;
  }
  if (args.some((arg) => /^--version(=true)?$/.test(arg))) {
    console.log(`Kubernetes ${KUBERNETES_RELEASE.version}`);
    return;
  }
  const { serving, server: serverFlags, ignored, errors } = splitFlags(givenFlags(args));
  const given = readOptions(serverFlags);
  const options = {
    ...(serving.securePort > 0 && { advertisePort: serving.securePort }),
    advertiseAddress: advertisedAddress(serving.bindAddress),
    ...given.options,
  };
  // Checked before the store is accessed, which may not answer.
  const refused = [...errors, ...given.errors, ...validateOptions(await loadOptions(options))];
  if (refused.length > 0) throw new Error(refused.join('\n'));
  const logger = localLogger(options);
  const tableUsage = new TableUsageCounter();
  const warning = withoutEffect(ignored);
  if (warning !== undefined) logger.warning(warning);
  const [etcdServer = ''] = serving.etcdServers.split(',');
  const openTable = await tablesBehind(etcdServer);
  const storage = new DynamoDBStorageFactory({ table: openTable('registry', tableUsage) });
  await storage.createTable();
  const plane = await createControlPlane({ storage, options, controllers: [], logger, tableUsage });
  const { certificate, key } = await servingCertificate(serving);
  const listener = await startHttpsServer({
    logger,
    handler: plane.handler,
    address: serving.bindAddress,
    port: serving.securePort,
    certificate,
    key,
    flags: serving,
  });
  await plane.start();
  logger.info(0, `Serving securely on ${serving.bindAddress}:${listener.port}`);
  await terminationSignal();
  plane.drain();
  await listener.close(GRACE_MS);
  await plane.close();
  await storage.close();
}

/** The certificate of the flags, or in `--cert-dir`, created there if absent. */
async function servingCertificate({
  certDir,
  tlsCertFile,
  tlsPrivateKeyFile,
}: ServingFlags): Promise<KeyPair> {
  const folder = resolve(certDir);
  const paths = {
    certificate: tlsCertFile || join(folder, 'apiserver.crt'),
    key: tlsPrivateKeyFile || join(folder, 'apiserver.key'),
  };
  if (tlsCertFile === '' && !existsSync(paths.certificate)) {
    mkdirSync(folder, { recursive: true });
    const made = await issueCertificate({ name: 'CN=kube-apiserver', usage: 'server', hosts: SERVER_HOSTS });
    writeFileSync(paths.key, made.key, { mode: 0o600 });
    writeFileSync(paths.certificate, made.certificate);
  }
  return {
    certificate: readFileSync(paths.certificate, 'utf8'),
    key: readFileSync(paths.key, 'utf8'),
  };
}

function flagList(): string {
  const effective = [...Object.values(SERVING_FLAGS), ...Object.values(FLAGS)].map(({ flag }) => flag);
  return [...effective, ...Object.values(FLAGS_WITHOUT_EFFECT).flat()]
    .sort()
    .map((name) => `      --${name}`)
    .join('\n');
}
