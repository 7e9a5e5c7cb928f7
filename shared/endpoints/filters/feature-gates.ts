import type { FeatureEnabled } from '../../request/request-context.ts';
import type { Filter } from '../routing/handler.ts';

/** Makes the server's feature gates available to storages and strategies. */
export function withFeatureGates(featureEnabled: FeatureEnabled): Filter {
  return (context, next) => {
    context.featureEnabled = featureEnabled;
    return next(context);
  };
}
