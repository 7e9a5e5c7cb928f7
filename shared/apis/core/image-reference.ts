/** Parses references to container images (https://github.com/distribution/reference). */

const DOMAIN_PART = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const HUB = 'docker.io';
const OLD_HUB = 'index.docker.io';
const PATH_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const TAG = '[\\w][\\w.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^${DOMAIN}/(${PATH_PART}(?:/${PATH_PART})*)(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const IDENTIFIER = /^[a-f0-9]{64}$/;
const MAX_NAME = 255;
/** Maximum length of a reference: 255 characters for domain and name, 128 for the tag, and a digest. */
const MAX_LENGTH = 1024;

/** The tag; `latest` if there is neither tag nor digest; '' if there is only a digest or the reference is invalid. */
export function imageTag(image: string): string {
  if (image.length > MAX_LENGTH || IDENTIFIER.test(image)) return '';
  const [domain, rest] = splitDomain(image);
  const match = REFERENCE.exec(`${domain}/${rest}`);
  if (match === null || match[1]!.length > MAX_NAME) return '';
  return match[2] ?? (match[3] === undefined ? 'latest' : '');
}

/** Splits off the text before the first slash if it looks like a domain (`splitDockerDomain`). */
function splitDomain(image: string): [domain: string, rest: string] {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const isDomain = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  const ownDomain = isDomain && first !== HUB && first !== OLD_HUB;
  if (ownDomain) return [first, image.slice(slash + 1)];
  const rest = isDomain ? image.slice(slash + 1) : image;
  return [HUB, rest.includes('/') ? rest : `library/${rest}`];
}
