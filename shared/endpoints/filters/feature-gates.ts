import type { FeatureEnabled } from '../../request/request-context.ts';
import type { Filter } from '../routing/handler.ts';

/** Lets storages and strategies see which features the server has. */
export function withFeatureGates(featureEnabled: FeatureEnabled): Filter {
  return (context, next) => {
    context.featureEnabled = featureEnabled;
    return next(context);
  };
}
