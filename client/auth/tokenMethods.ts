/** The ways to prove to IAM who asks for a token: a password, or an agency. */
import type { Agency, DomainRef, PasswordCredentials } from "../config/credentials";
import type { ProjectRef } from "../place";
import type { TokenMethod } from "./tokenStore";

/** By user and password. */
export function passwordMethod(credentials: PasswordCredentials): TokenMethod {
  const { userName, userId, password, domain, projectDomain } = credentials;
  const user = userId ? { id: userId, password } : { name: userName, password, domain };
  return {
    prove: async () => ({ identity: { methods: ["password"], password: { user } }, secrets: [password] }),
    scope: (project) => scopeOf(project, domain, projectDomain),
  };
}

/**
 * By an agency of another account, for a user of one's own (IAM API reference, "Obtaining a token through agency").
 *
 * @param ownToken gives a token of that user; a new one where the last one may have been refused.
 */
export function agencyMethod(agency: Agency, ownToken: (isRenewal: boolean) => Promise<string>): TokenMethod {
  const { name, domain } = agency;
  const role = {
    xrole_name: name,
    ...(domain.id ? { domain_id: domain.id } : { domain_name: domain.name }),
  };
  return {
    async prove(isRenewal) {
      const token = await ownToken(isRenewal);
      return {
        identity: { methods: ["assume_role"], assume_role: role },
        headers: { "X-Auth-Token": token },
        secrets: [token],
      };
    },
    scope: (project) => scopeOf(project, domain),
    advice: `that was agency "${name}" of domain "${domain.name ?? domain.id}": check agencyName, agencyDomainName and delegatedProject (config otc-cts:*, or OS_AGENCY_NAME, OS_AGENCY_DOMAIN_NAME, OS_DELEGATED_PROJECT); the user needs the role Agent Operator`,
  };
}

function scopeOf({ projectId, projectName }: ProjectRef, domain: DomainRef, projectDomain = domain) {
  if (!projectId && !projectName) {
    return { domain };
  }
  return { project: projectId ? { id: projectId } : { name: projectName, domain: projectDomain } };
}
