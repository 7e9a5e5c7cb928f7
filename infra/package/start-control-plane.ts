/** A complete control plane in the caller's process: for tests, and for programs that embed one. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { HostAdmissionPlugins } from '../../shared/admission/options.ts';
import type { Controller } from '../../shared/controllers/controller.ts';
import type { ResourceAccess } from '../../shared/rest/resource-access.ts';
import { TableUsageCounter } from '../../shared/storage/table-usage.ts';
import { startControlPlane as startPlane } from '../local/control-plane.ts';
import { startEmbeddedDynamoDB } from '../local/dynamodb/embedded-dynamodb.ts';
import { lockFolder } from '../local/dynamodb/folder-lock.ts';
import { GRACE_MS, startHttpsServer } from '../local/http/https-server.ts';
import { renderKubeconfig, writeKubeconfig } from '../local/kubeconfig.ts';
import { localLogger } from '../local/logger.ts';
import { optionsOf } from './options-of.ts';

export interface StartControlPlaneOptions {
  /** Flags of kube-apiserver: `['--enable-admission-plugins=NodeRestriction']`. */
  readonly args?: readonly string[] | undefined;
  /** Unset: a free one. */
  readonly port?: number | undefined;
  /** Folder for data and certificates; unset: in memory, nothing is kept. */
  readonly dataDir?: string | undefined;
  /** Admission plugins by name, in the order they run; enabled unless `--disable-admission-plugins` names them. */
  readonly admissionPlugins?: HostAdmissionPlugins | undefined;
  /** Controllers that run in addition to the built-in ones. */
  readonly controllers?: ((resources: ResourceAccess) => readonly Controller[]) | undefined;
}

export interface ControlPlane {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** The admin's kubeconfig, as text; its file is `kubeconfigFile`. */
  readonly kubeconfig: string;
  readonly kubeconfigFile: string;
  /** Reads and writes the API without a network, as the server itself. */
  readonly resources: ResourceAccess;
  /** Ends open requests, the server and its DynamoDB. */
  close(): Promise<void>;
}

const NAME = 'zeroplane';
const ADDRESS = '127.0.0.1';

/** Resolves when the API answers and has its initial objects. Throws Error for invalid flags. */
export async function startControlPlane(options: StartControlPlaneOptions = {}): Promise<ControlPlane> {
  const { port = 0, dataDir } = options;
  const serverOptions = optionsOf(options.args ?? []);
  const logger = localLogger(serverOptions);
  const tableUsage = new TableUsageCounter();
  const folder = dataDir === undefined ? mkdtempSync(join(tmpdir(), 'zeroplane-')) : resolve(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const undo: (() => unknown)[] = [];
  if (dataDir === undefined) undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const close = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const dynamodb = await startEmbeddedDynamoDB({
      dataFile: dataDir === undefined ? undefined : join(folder, 'dynamodb.sqlite'),
      lock: () => lockFolder(folder),
      logger,
    });
    undo.push(() => dynamodb.stop());
    const plane = await startPlane({
      tenant: 'default',
      folder: join(folder, 'pki', 'default'),
      table: dynamodb.openTable('zeroplane-default', tableUsage),
      isAlone: dynamodb.isOwn,
      serverOptions: {
        advertiseAddress: ADDRESS,
        ...(port > 0 && { advertisePort: port }),
        ...serverOptions,
      },
      controllers: ['*'],
      moreControllers: ({ resources }) => options.controllers?.(resources) ?? [],
      admissionPlugins: options.admissionPlugins,
      logger,
    });
    undo.push(() => plane.close());
    const { pki } = plane;
    const server = await startHttpsServer({
      logger,
      handler: plane.handler,
      address: ADDRESS,
      port,
      certificate: pki.server.certificate,
      key: pki.server.key,
    });
    undo.push(() => server.close(GRACE_MS));
    undo.push(() => plane.drain());
    const url = `https://${ADDRESS}:${server.port}`;
    const access = {
      name: NAME,
      server: url,
      certificateAuthority: pki.trusted,
      clientCertificate: pki.admin.certificate,
      clientKey: pki.admin.key,
    };
    const kubeconfigFile = join(folder, 'default.kubeconfig');
    writeKubeconfig(kubeconfigFile, access);
    return { url, kubeconfig: renderKubeconfig(access), kubeconfigFile, resources: plane.resources, close };
  } catch (error) {
    await close();
    throw error;
  }
}
