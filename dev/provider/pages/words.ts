export type Language = "en" | "ko";

const en = {
  signInTo: (issuer: string) => `Sign in with ${issuer}`,
  toContinue: (client: string) => `to continue to ${client}`,
  chooseUser: "Choose an account",
  signedInNow: "Signed in now",
  suggested: "Suggested",
  orPassword: "Or sign in with a password",
  login: "Login",
  password: "Password",
  signIn: "Sign in",
  createLink: "Create an account",
  createTitle: "Create an account",
  createButton: "Create account",
  backToSignIn: "I already have an account",
  name: "Name",
  email: "Email",
  passwordHint: "At least 6 characters",
  loginHint: "Letters, digits, dots, dashes and underscores",
  cancel: "Cancel",
  wrongPassword: "Wrong login or password.",
  stepUp: "This app asks for a second step. Here it always succeeds.",
  demoNote: "For development only. Every password is “daemun”.",
  pleaseCorrect: "Please correct the marked fields.",
  errors: {
    name: "Enter a name of up to 100 characters.",
    email: "Enter an email address such as you@company.example.",
    login: "Use 2 to 50 letters, digits, dots, dashes or underscores.",
    loginTaken: "This login is already taken.",
    password: "Use at least 6 characters.",
  },
  consentTitle: (client: string) => `Allow ${client}?`,
  consentText: (issuer: string) => `It asks ${issuer} for:`,
  consentYes: "Allow",
  signOutTitle: "Sign out?",
  signOutText: (issuer: string) => `You will also be signed out of ${issuer}, in every app in this browser.`,
  signOutYes: "Sign out",
  signOutNo: "Stay signed in",
  signedOutTitle: "You are signed out",
  signedOutText: "You can close this page.",
  signingOutTitle: "Signing out",
  signingOutText: "Signing you out of the other apps too.",
  continue: "Continue",
  errorTitle: "Something went wrong",
  errorText: "Go back to the app and try again.",
  expiredTitle: "This page is out of date",
  expiredText: "You have signed in already, or it took more than an hour. Go back to the app and start again.",
};

const ko: typeof en = {
  signInTo: (issuer) => `${issuer} 계정으로 로그인`,
  toContinue: (client) => `계속할 앱: ${client}`,
  chooseUser: "계정을 골라 주세요",
  signedInNow: "지금 로그인됨",
  suggested: "추천",
  orPassword: "또는 비밀번호로 로그인",
  login: "아이디",
  password: "비밀번호",
  signIn: "로그인",
  createLink: "계정 만들기",
  createTitle: "계정 만들기",
  createButton: "계정 만들기",
  backToSignIn: "이미 계정이 있어요",
  name: "이름",
  email: "이메일",
  passwordHint: "6자 이상",
  loginHint: "영문, 숫자, 점, 붙임표, 밑줄",
  cancel: "취소",
  wrongPassword: "아이디나 비밀번호가 맞지 않아요.",
  stepUp: "이 앱은 추가 인증을 요청했어요. 여기에서는 항상 통과해요.",
  demoNote: "개발용 로그인 서비스예요. 비밀번호는 모두 ‘daemun’이에요.",
  pleaseCorrect: "표시된 항목을 확인해 주세요.",
  errors: {
    name: "이름을 100자 이내로 입력해 주세요.",
    email: "you@company.example 같은 이메일 주소를 입력해 주세요.",
    login: "영문, 숫자, 점, 붙임표, 밑줄로 2~50자를 입력해 주세요.",
    loginTaken: "이미 쓰고 있는 아이디예요.",
    password: "6자 이상 입력해 주세요.",
  },
  consentTitle: (client) => `${client}에 허용할까요?`,
  consentText: (issuer) => `${issuer}에 다음을 요청합니다.`,
  consentYes: "허용",
  signOutTitle: "로그아웃할까요?",
  signOutText: (issuer) => `이 브라우저의 모든 앱에서 ${issuer} 계정도 로그아웃돼요.`,
  signOutYes: "로그아웃",
  signOutNo: "로그인 유지하기",
  signedOutTitle: "로그아웃했어요",
  signedOutText: "이 페이지를 닫아도 돼요.",
  signingOutTitle: "로그아웃하는 중",
  signingOutText: "다른 앱에서도 로그아웃하고 있어요.",
  continue: "계속하기",
  errorTitle: "문제가 생겼어요",
  errorText: "앱으로 돌아가 다시 시도해 주세요.",
  expiredTitle: "오래된 페이지예요",
  expiredText: "이미 로그인했거나 한 시간이 지났어요. 앱으로 돌아가 다시 시작해 주세요.",
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
