import { z } from "zod";
import type { TokenGrant } from "../auth/tokens";
import { type Answer, IamError } from "../http/errors";
import type { Call, Operation } from "../http/operation";
import { type Account, type Agency, hexId, type Project } from "../options";
import { type EmulatorState, endpointOf } from "../state/emulatorState";

/** Signing in, and looking up the id of a project. */
export const iamOperations: Operation[] = [
  {
    name: "createToken",
    service: "iam",
    method: "POST",
    path: "/v3/auth/tokens",
    access: "none",
    handle: createToken,
  },
  {
    name: "listProjects",
    service: "iam",
    method: "GET",
    path: "/v3/projects",
    access: "any",
    handle: listProjects,
  },
];

const named = z.looseObject({ id: z.string().optional(), name: z.string().optional() });

const userWithPassword = named.extend({ password: z.string(), domain: named.optional() });

/** Sibling clouds call the agency `agency_name`. */
const roleSchema = z.looseObject({
  xrole_name: z.string().optional(),
  agency_name: z.string().optional(),
  domain_id: z.string().optional(),
  domain_name: z.string().optional(),
});

/** One authentication method and its data. */
const identities = z.union([
  z.object({
    methods: z.array(z.string()).refine((methods) => methods.includes("password")),
    password: z.looseObject({ user: userWithPassword }),
    assume_role: z.undefined().optional(),
  }),
  z.object({
    methods: z.tuple([z.literal("assume_role")]),
    assume_role: roleSchema,
    password: z.undefined().optional(),
  }),
]);

const signInBody = z.looseObject({
  auth: z.looseObject({
    identity: identities,
    scope: z
      .looseObject({
        project: named.extend({ domain: named.optional() }).optional(),
        domain: named.optional(),
      })
      .optional(),
  }),
});

type SignIn = z.infer<typeof signInBody>["auth"];

function createToken(state: EmulatorState, call: Call): Answer {
  const parsed = signInBody.safeParse(call.json);
  if (!parsed.success) {
    throw new IamError(400, "The request body is invalid.");
  }
  const { identity, scope } = parsed.data.auth;
  const { assume_role: role, password } = identity;
  const agency = role && findAgency(state, call, role);
  if (password) {
    checkUser(state.account, password.user);
  }
  const domain = agency?.domain ?? state.account.domain;
  const project = scope?.project && findScope(state.account, scope.project, agency);
  if (scope?.domain && !isSame(scope.domain, domain)) {
    throw wrongCredentials();
  }
  const { token, grant } = state.tokens.issue(project);
  if (project) {
    call.entry.projectId = project.id;
  }
  return { status: 201, headers: { "X-Subject-Token": token }, body: { token: describeToken(state, grant) } };
}

/** @throws IamError without a token of the user's own account, or if no account delegates by such an agency */
function findAgency(state: EmulatorState, call: Call, role: z.infer<typeof roleSchema>): Agency {
  const grant = state.tokens.verify(call.header("X-Auth-Token"));
  if (typeof grant === "string") {
    throw new IamError(401, "The request you have made requires authentication.");
  }
  const name = role.xrole_name ?? role.agency_name;
  const domain = { id: role.domain_id, name: role.domain_name };
  const agency = state.account.agencies.find((each) => each.name === name && isSame(domain, each.domain));
  if (
    agency === undefined ||
    state.account.agencies.some(({ projectId }) => projectId === grant.project?.id)
  ) {
    throw new IamError(403, "You are not authorized to perform the requested action: assume_role.");
  }
  return agency;
}

function checkUser({ user, domain }: Account, given: z.infer<typeof userWithPassword>): void {
  if (given.id === undefined && given.domain === undefined) {
    throw new IamError(400, "The request body is invalid: a user name needs the domain it belongs to.");
  }
  const isKnown = isSame(given, user) && (given.domain === undefined || isSame(given.domain, domain));
  if (!isKnown || given.password !== user.password) {
    throw wrongCredentials();
  }
}

/**
 * IAM answers 401 for an unknown project: it does not tell strangers which projects exist. An agency opens only its own
 * project.
 */
function findScope(
  account: Account,
  wanted: NonNullable<NonNullable<SignIn["scope"]>["project"]>,
  agency: Agency | undefined,
): Project {
  const isOpen = ({ id }: Project): boolean =>
    agency ? id === agency.projectId : account.agencies.every(({ projectId }) => projectId !== id);
  const project = account.projects.find((candidate) => isOpen(candidate) && isSame(wanted, candidate));
  if (project === undefined || (wanted.domain && !isSame(wanted.domain, (agency ?? account).domain))) {
    throw wrongCredentials();
  }
  return project;
}

/** True if at least one value is given, and all given values match. */
function isSame(given: z.infer<typeof named>, actual: { id: string; name: string }): boolean {
  const byId = given.id === undefined || given.id === actual.id;
  const byName = given.name === undefined || given.name === actual.name;
  return byId && byName && (given.id !== undefined || given.name !== undefined);
}

function wrongCredentials(): IamError {
  return new IamError(401, "The username or password is wrong.");
}

function describeToken(
  state: EmulatorState,
  { project, issuedAt, expiresAt }: TokenGrant,
): Record<string, unknown> {
  const { user, agencies } = state.account;
  const { domain } = agencies.find(({ projectId }) => projectId === project?.id) ?? state.account;
  return {
    expires_at: toIamTime(expiresAt),
    issued_at: toIamTime(issuedAt),
    methods: ["password"],
    ...(project ? { project: { id: project.id, name: project.name, domain } } : { domain }),
    user: { id: user.id, name: user.name, domain: state.account.domain, password_expires_at: "" },
    roles: [{ id: hexId("role cts_adm"), name: "cts_adm" }],
    catalog: catalogOf(state, project),
  };
}

/**
 * A token for the whole account lists no services of projects. CTS is listed with v1.0, as by the real service, and in
 * every region, even without the project.
 */
function catalogOf(state: EmulatorState, project: Project | undefined): unknown[] {
  const iam = service("iam", [{ region: "*", url: `${state.url}/v3` }]);
  if (project === undefined) {
    return [iam];
  }
  const endpoints = state.account.regions.map((region) => ({
    region,
    url: `${endpointOf(state, region)}/v1.0/${project.id}`,
  }));
  return [iam, service("cts", endpoints)];
}

function service(type: string, endpoints: { region: string; url: string }[]): unknown {
  return {
    id: hexId(`service ${type}`),
    name: type,
    type,
    endpoints: endpoints.map(({ region, url }) => ({
      id: hexId(`endpoint ${type} ${region}`),
      interface: "public",
      region,
      region_id: region,
      url,
    })),
  };
}

/** IAM writes microseconds: `2026-11-22T10:00:00.000000Z`. */
function toIamTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

function listProjects({ account }: EmulatorState, call: Call): Answer {
  const wanted = call.query["name"];
  const projects = account.projects
    .filter(({ id }) => account.agencies.every(({ projectId }) => projectId !== id))
    .filter(({ name }) => wanted === undefined || name === wanted)
    .map(({ id, name }) => ({ id, name, domain_id: account.domain.id, enabled: true }));
  return { status: 200, body: { projects } };
}
