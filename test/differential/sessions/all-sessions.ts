import type { Session, Target } from '../exchange.ts';
import { admitted } from './admitted.ts';
import { answerHeaders } from './answer-headers.ts';
import { audit } from './audit.ts';
import { celLibrary } from './cel-library.ts';
import { everyApply, everyChange, everyField } from './every-field.ts';
import { everyVerb } from './every-verb.ts';
import { fieldSelectors } from './field-selectors.ts';
import { hostile } from './hostile.ts';
import { kubectl } from './kubectl.ts';
import { kubectlCluster } from './kubectl-cluster.ts';
import { kubectlDaily } from './kubectl-daily.ts';
import { lives } from './lives.ts';
import { mutations } from './mutations.ts';
import { nodes } from './nodes.ts';
import { bodies, expressions, listOptions, managers, paths } from './odd-requests.ts';
import { oldAnnotations } from './old-annotations.ts';
import { pages } from './pages.ts';
import { people } from './people.ts';
import { policies } from './policies.ts';
import { proxies } from './proxies.ts';
import { publicKinds } from './public-kinds.ts';
import { publicKindsOfWrites } from './public-kinds-of-writes.ts';
import { randomLimits } from './random-limits.ts';
import { randomManagers } from './random-managers.ts';
import { randomResources } from './random-resources.ts';
import { reported } from './reported.ts';
import { schemaFeatures } from './schema-features.ts';
import { securityLevels } from './security-levels.ts';
import { servedResources } from './served-resources.ts';
import { signing } from './signing.ts';
import { specialKinds } from './special-kinds.ts';
import { stubs } from './stubs.ts';
import { subresources } from './subresources.ts';
import { tables } from './tables.ts';
import { tokenRequests } from './token-requests.ts';
import { volumesAndServices } from './volumes-and-services.ts';
import { watches } from './watches.ts';
import { webhooks } from './webhooks.ts';
import { yamlTexts } from './yaml-texts.ts';

/** All sessions for the kinds that the peer serves. `seeds`: number of random ones. */
export async function allSessions(peer: Target, seeds: number): Promise<Session[]> {
  const resources = await servedResources(peer);
  return [
    ...stubs(resources),
    ...paths(),
    ...pages(),
    ...answerHeaders(),
    ...bodies(),
    ...hostile(),
    ...yamlTexts(),
    ...subresources(),
    ...proxies(),
    ...oldAnnotations(),
    ...listOptions(),
    ...watches(),
    ...webhooks(),
    ...audit(),
    ...kubectl(),
    ...kubectlDaily(),
    ...kubectlCluster(),
    ...expressions(),
    ...managers(seeds),
    ...reported(),
    ...publicKinds(),
    ...publicKindsOfWrites(),
    ...mutations(resources),
    ...tables(resources, 3),
    ...admitted(),
    ...specialKinds(),
    ...people(),
    ...nodes(),
    ...policies(),
    ...signing(),
    ...tokenRequests(),
    ...lives(),
    ...securityLevels(),
    ...volumesAndServices(),
    ...schemaFeatures(),
    ...celLibrary(),
    ...everyVerb(resources),
    ...fieldSelectors(resources),
    ...randomLimits(seeds),
    ...randomManagers(seeds),
    ...randomResources(Math.ceil(seeds / 2)),
    ...everyField(resources),
    ...everyChange(resources),
    ...everyApply(resources),
  ];
}
