/** The fields of `--authorization-config`, apart from the parser, which needs CEL. */

import { BOOLEAN, type ConfigKind, listOf, STRING, structOf } from '../runtime/config-file.ts';

const strings = (...names: string[]) => Object.fromEntries(names.map((name) => [name, STRING]));

const WEBHOOK = structOf('WebhookConfiguration', {
  ...strings('authorizedTTL', 'unauthorizedTTL', 'timeout', 'subjectAccessReviewVersion', 'failurePolicy'),
  matchConditionSubjectAccessReviewVersion: STRING,
  cacheAuthorizedRequests: BOOLEAN,
  cacheUnauthorizedRequests: BOOLEAN,
  connectionInfo: structOf('WebhookConnectionInfo', strings('type', 'kubeConfigFile')),
  matchConditions: listOf(structOf('WebhookMatchCondition', strings('expression'))),
});

export const AUTHORIZATION_CONFIGURATION: ConfigKind = {
  group: 'apiserver.config.k8s.io',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  kind: 'AuthorizationConfiguration',
  fields: {
    authorizers: listOf(
      structOf('AuthorizerConfiguration', { ...strings('type', 'name'), webhook: WEBHOOK }),
    ),
  },
};
