import type { DefaultTheme } from "vitepress";

/** What the site says around Korean documents. */
export const koreanLabels: DefaultTheme.Config = {
  outline: { level: [2, 3], label: "이 페이지에서" },
  docFooter: { prev: "이전", next: "다음" },
  darkModeSwitchLabel: "화면 모드",
  lightModeSwitchTitle: "밝은 화면으로 바꾸기",
  darkModeSwitchTitle: "어두운 화면으로 바꾸기",
  sidebarMenuLabel: "문서",
  returnToTopLabel: "맨 위로",
  langMenuLabel: "언어 바꾸기",
  skipToContentLabel: "본문으로 건너뛰기",
  notFound: {
    title: "페이지가 없어요",
    quote: "주소를 다시 확인하거나 목록에서 찾아보세요.",
    linkLabel: "처음으로",
    linkText: "처음으로",
  },
};

/** The labels of the search box. */
export const koreanSearch: NonNullable<DefaultTheme.LocalSearchOptions["translations"]> = {
  button: { buttonText: "검색", buttonAriaLabel: "검색" },
  modal: {
    displayDetails: "본문도 보기",
    resetButtonTitle: "지우기",
    backButtonTitle: "닫기",
    noResultsText: "찾은 문서가 없어요:",
    footer: {
      selectText: "열기",
      selectKeyAriaLabel: "Enter 키",
      navigateText: "이동",
      navigateUpKeyAriaLabel: "위쪽 화살표 키",
      navigateDownKeyAriaLabel: "아래쪽 화살표 키",
      closeText: "닫기",
      closeKeyAriaLabel: "Esc 키",
    },
  },
};
