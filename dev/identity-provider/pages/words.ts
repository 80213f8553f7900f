export type Language = "en" | "ko";

const en = {
  signInTo: (issuer: string) => `Sign in with ${issuer}`,
  toContinue: (client: string) => `to continue to ${client}`,
  choosePerson: "Choose a person",
  signedInNow: "Signed in now",
  suggested: "Suggested",
  orPassword: "Or use a login and a password",
  login: "Login",
  password: "Password",
  signIn: "Sign in",
  createLink: "Create an account",
  createTitle: "Create an account",
  createButton: "Create the account",
  backToSignIn: "I already have an account",
  name: "Name",
  email: "E-mail",
  passwordHint: "At least 6 characters",
  loginHint: "Letters, digits, dots, dashes and underscores",
  cancel: "Cancel",
  wrongPassword: "This login and password do not belong together.",
  stepUp: "This application asks for a second step. It is taken for granted here.",
  demoNote: "A stand-in for development. Every password is “daemun”.",
  pleaseCorrect: "Please look at the marked fields.",
  errors: {
    name: "Write a name of up to 100 characters.",
    email: "Write an e-mail address such as you@company.example.",
    login: "Use 2 to 50 letters, digits, dots, dashes or underscores.",
    loginTaken: "Somebody already has this login.",
    password: "Use at least 6 characters.",
  },
  signOutTitle: "Sign out?",
  signOutText: (issuer: string) => `You will also be signed out of ${issuer}, for every application in this browser.`,
  signOutYes: "Sign out",
  signOutNo: "Stay signed in",
  signedOutTitle: "You are signed out",
  signedOutText: "You can close this page.",
  signingOutTitle: "Signing out",
  signingOutText: "The other applications are being told.",
  continue: "Continue",
  errorTitle: "This did not work",
  errorText: "Go back to the application and try again.",
  expiredTitle: "This page is out of date",
  expiredText: "The sign-in was finished, or it took more than an hour. Go back to the application and start again.",
};

const ko: typeof en = {
  signInTo: (issuer) => `${issuer} 계정으로 로그인`,
  toContinue: (client) => `${client}(으)로 계속합니다`,
  choosePerson: "사람을 고르세요",
  signedInNow: "지금 로그인됨",
  suggested: "추천",
  orPassword: "또는 아이디와 비밀번호 사용",
  login: "아이디",
  password: "비밀번호",
  signIn: "로그인",
  createLink: "계정 만들기",
  createTitle: "계정 만들기",
  createButton: "계정 만들기",
  backToSignIn: "이미 계정이 있습니다",
  name: "이름",
  email: "이메일",
  passwordHint: "6자 이상",
  loginHint: "영문, 숫자, 점, 붙임표, 밑줄",
  cancel: "취소",
  wrongPassword: "아이디와 비밀번호가 맞지 않습니다.",
  stepUp: "이 애플리케이션은 두 번째 확인을 요구합니다. 여기서는 확인된 것으로 봅니다.",
  demoNote: "개발용 계정 제공자입니다. 비밀번호는 모두 “daemun”입니다.",
  pleaseCorrect: "표시된 칸을 확인해 주세요.",
  errors: {
    name: "이름을 100자 이내로 적어 주세요.",
    email: "you@company.example 같은 이메일 주소를 적어 주세요.",
    login: "영문, 숫자, 점, 붙임표, 밑줄로 2~50자를 적어 주세요.",
    loginTaken: "이미 쓰고 있는 아이디입니다.",
    password: "6자 이상 적어 주세요.",
  },
  signOutTitle: "로그아웃할까요?",
  signOutText: (issuer) => `${issuer}에서도 로그아웃되며, 이 브라우저의 모든 애플리케이션에 적용됩니다.`,
  signOutYes: "로그아웃",
  signOutNo: "로그인 유지",
  signedOutTitle: "로그아웃되었습니다",
  signedOutText: "이 페이지를 닫아도 됩니다.",
  signingOutTitle: "로그아웃하는 중",
  signingOutText: "다른 애플리케이션에 알리고 있습니다.",
  continue: "계속",
  errorTitle: "처리하지 못했습니다",
  errorText: "애플리케이션으로 돌아가 다시 시도해 주세요.",
  expiredTitle: "지난 페이지입니다",
  expiredText: "로그인이 이미 끝났거나 한 시간이 지났습니다. 애플리케이션으로 돌아가 다시 시작해 주세요.",
};

export const words: Record<Language, typeof en> = { en, ko };

/** The language of a page: `ui_locales` in its order of preference, then `Accept-Language`, then English. */
export function languageOf(uiLocales: unknown, acceptLanguage: string | undefined): Language {
  const asked = typeof uiLocales === "string" ? uiLocales.split(" ") : [];
  const accepted = (acceptLanguage ?? "")
    .split(",")
    .map((range) => {
      const [tag = "", quality] = range.trim().split(";q=");
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
  for (const tag of [...asked, ...accepted]) {
    const language = tag.toLowerCase().split("-")[0];
    if (language === "en" || language === "ko") return language;
  }
  return "en";
}
