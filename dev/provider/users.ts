import { type User, type UserInput, userSchema } from "./user";

const hanok = { id: "org_hanok", name: "Hanok Works", description: "Builds in wood." };
const maru = { id: "org_maru", name: "Maru Studio", description: "Designs the floors." };

const company: UserInput[] = [
  {
    sub: "haneul",
    login: "haneul",
    about: { en: "Admin · two organizations", ko: "관리자 · 두 조직" },
    name: "김하늘",
    username: "haneul",
    picture: true,
    createdAt: 1_650_000_000_000,
    updatedAt: 1_760_000_000_000,
    profile: {
      family_name: "김",
      given_name: "하늘",
      middle_name: "별",
      nickname: "하늘이",
      preferred_username: "sky",
      profile: "https://people.example/haneul",
      website: "https://haneul.example",
      gender: "female",
      birthdate: "1991-04-05",
      zoneinfo: "Asia/Seoul",
      locale: "ko-KR",
    },
    email: "haneul@company.example",
    emailVerified: true,
    phoneNumber: "+821012345678",
    phoneNumberVerified: true,
    address: {
      formatted: "서울특별시 종로구 사직로 161",
      street_address: "사직로 161",
      locality: "종로구",
      region: "서울특별시",
      postal_code: "03045",
      country: "KR",
    },
    roles: ["admin"],
    organizations: [
      { ...hanok, roles: ["admin"] },
      { ...maru, roles: ["member"] },
    ],
    customData: { theme: "dark", beta: true, limits: { seats: 12 } },
    identities: { google: { userId: "1184", details: { email: "haneul@gmail.example" } } },
    ssoIdentities: [{ issuer: "https://sso.example", identityId: "hk-7", detail: { department: "design" } }],
  },
  {
    sub: "minsu",
    login: "minsu",
    about: { en: "Member of one organization", ko: "한 조직의 구성원" },
    name: "이민수",
    username: "minsu",
    createdAt: 1_680_000_000_000,
    updatedAt: 1_750_000_000_000,
    profile: { given_name: "민수", family_name: "이", locale: "ko-KR" },
    email: "minsu@company.example",
    emailVerified: true,
    organizations: [{ ...hanok, roles: ["member"] }],
  },
  {
    sub: "blank",
    login: "blank",
    about: { en: "Nothing filled in", ko: "아무것도 채우지 않은 사람" },
  },
  {
    sub: "jiwoo",
    login: "jiwoo",
    about: { en: "No email, only a phone", ko: "이메일 없이 전화번호만" },
    name: "박지우",
    username: "jiwoo",
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    phoneNumber: "+821098765432",
    phoneNumberVerified: false,
  },
  {
    sub: "eunji",
    login: "eunji",
    about: { en: "Email not verified", ko: "확인되지 않은 이메일" },
    name: "Eunji Park",
    username: "eunji",
    createdAt: 1_710_000_000_000,
    updatedAt: 1_710_000_000_000,
    email: "eunji@company.example",
    emailVerified: false,
    roles: ["support"],
    customData: { note: "waiting for her confirmation mail" },
  },
  {
    sub: "maximilian",
    login: "maximilian",
    about: { en: "A very long name", ko: "아주 긴 이름" },
    name: "Maximiliana Wilhelmina Alexandrina von Hohenzollern-Sigmaringen und zu Schleswig-Holstein-Sonderburg-Glücksburg",
    username: "maximiliana.wilhelmina.alexandrina.von.hohenzollern",
    picture: true,
    createdAt: 1_600_000_000_000,
    updatedAt: 1_720_000_000_000,
    email: "maximiliana.wilhelmina.alexandrina.von.hohenzollern-sigmaringen@long-names.company.example",
    emailVerified: true,
    organizations: [{ ...maru, roles: ["admin", "billing"] }],
  },
];

const partner: UserInput[] = [
  {
    sub: "p-haneul",
    login: "haneul",
    about: { en: "Same verified email as 김하늘 at Company", ko: "컴퍼니의 김하늘과 같은 확인된 이메일" },
    name: "Haneul Kim",
    username: "haneul",
    createdAt: 1_690_000_000_000,
    updatedAt: 1_690_000_000_000,
    email: "haneul@company.example",
    emailVerified: true,
  },
  {
    sub: "p-minsu",
    login: "minsu",
    about: { en: "Claims 이민수's email, unverified", ko: "이민수의 이메일을 확인 없이 사용" },
    name: "Minsu Lee",
    username: "minsu",
    createdAt: 1_691_000_000_000,
    updatedAt: 1_691_000_000_000,
    email: "minsu@company.example",
    emailVerified: false,
  },
  {
    // The same sub as at the other issuer: a subject is only unique within its issuer (OIDC Core §2).
    sub: "haneul",
    login: "twin",
    about: { en: "Same subject ID as 김하늘, another person", ko: "김하늘과 같은 주체 ID, 다른 사람" },
    name: "Twin Subject",
    username: "twin",
    createdAt: 1_692_000_000_000,
    updatedAt: 1_692_000_000_000,
    email: "twin@partner.example",
    emailVerified: true,
  },
  {
    sub: "seoyeon",
    login: "seoyeon",
    about: { en: "Partner admin · one organization", ko: "파트너 관리자 · 한 조직" },
    name: "최서연",
    username: "seoyeon",
    picture: true,
    createdAt: 1_693_000_000_000,
    updatedAt: 1_755_000_000_000,
    email: "seoyeon@partner.example",
    emailVerified: true,
    roles: ["admin"],
    organizations: [{ id: "org_dari", name: "Dari Partners", description: "Builds bridges.", roles: ["admin"] }],
  },
];

// The third party that the demo's people connect: they have the same logins there and are other subjects.
const notes: UserInput[] = company.map(({ sub, login, name, username, email, emailVerified }) => ({
  sub: `n-${sub}`,
  login,
  name,
  username,
  email,
  emailVerified,
}));

/** An admin and a member: whom a development provider knows when nothing else is said. */
export const plainUsers: UserInput[] = [
  {
    sub: "admin",
    login: "admin",
    name: "Admin",
    email: "admin@company.example",
    emailVerified: true,
    roles: ["admin"],
  },
  { sub: "member", login: "member", name: "Member", email: "member@company.example", emailVerified: true },
];

/** The users of an issuer when nobody says otherwise: those that the tests know. An unknown issuer gets the company's. */
export function standingUsers(issuerId: string): User[] {
  const users = issuerId === "partner" ? partner : issuerId === "notes" ? notes : company;
  return users.map((user) => userSchema.parse(user));
}
