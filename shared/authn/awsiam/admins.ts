/** IAM identities that may do everything: for the first who come, who then let others in. */

import { SYSTEM_PRIVILEGED_GROUP } from '../../request/user-info.ts';
import { type IAMIdentity, identityKey, parseIAMARN } from './arn.ts';
import type { AWSIAMConfiguration, IAMMapping } from './configuration.ts';

export interface IAMAdmins {
  /** What tokens must be made for. */
  readonly clusterID: string;
  /** ARNs of roles and users. */
  readonly arns: readonly string[];
}

/** As EKS calls those whom an access entry names without a username. */
function usernameOf(arn: string, { partition, account, kind, name }: IAMIdentity): string {
  return kind === 'user' ? arn : `arn:${partition}:sts::${account}:assumed-role/${name}/{{SessionName}}`;
}

function mappingsOf(arns: readonly string[]) {
  const mappings = new Map<string, IAMMapping>();
  const partitions = new Set<string>();
  for (const arn of arns) {
    const identity = parseIAMARN(arn);
    if (identity === undefined)
      throw new Error(`${JSON.stringify(arn)} is not the ARN of an IAM role or user`);
    partitions.add(identity.partition);
    mappings.set(identityKey(identity), {
      username: usernameOf(arn, identity),
      groups: [SYSTEM_PRIVILEGED_GROUP],
    });
  }
  if (partitions.size > 1) throw new Error(`ARNs of several partitions: ${[...partitions].join(', ')}`);
  return { mappings, partition: [...partitions][0] };
}

/**
 * The configuration with admins among its identities, who are admins whatever it says of them. Undefined when nobody
 * is let in. Throws Error for ARNs that can't be used, and for a configuration of another cluster or partition.
 */
export function withAdmins(
  configuration: AWSIAMConfiguration | undefined,
  { clusterID, arns }: IAMAdmins,
): AWSIAMConfiguration | undefined {
  if (configuration !== undefined && clusterID !== '' && clusterID !== configuration.clusterID) {
    throw new Error(
      `the configuration is of cluster ${JSON.stringify(configuration.clusterID)}, not of ${JSON.stringify(clusterID)}`,
    );
  }
  const { mappings, partition } = mappingsOf(arns);
  if (partition === undefined) return configuration;
  if (configuration === undefined) {
    if (clusterID === '') throw new Error('admins need the ID of the cluster that their tokens are for');
    return { clusterID, partition, regions: [], mappings };
  }
  if (configuration.partition !== partition) {
    throw new Error(`the configuration is of partition ${configuration.partition}, not of ${partition}`);
  }
  return { ...configuration, mappings: new Map([...configuration.mappings, ...mappings]) };
}
