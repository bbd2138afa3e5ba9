// Words of the page for an agency's people: what is shared with them, until when, and what they say of it.

export const AGENCY = {
  sharedWithYou: ["공유받은 사건", "Shared incidents"], noShared: ["지금 공유받은 사건이 없습니다. 새 사건은 저절로 나타납니다.", "Nothing is shared with you now; what comes appears by itself."], chooseShared: ["왼쪽에서 사건을 고르세요.", "Choose an incident on the left."], onlyUnfinished: ["끝나지 않은 것만", "Not finished only"],
  notConfirmed: ["아직 확인 전입니다. 확인되면 영상이 더 열립니다.", "Not confirmed yet; more is opened once it is."], terms: ["{media} · {purpose} · {basis}", "{media} · {purpose} · {basis}"], caseNumber: ["사건 번호", "Case number"], place: ["위치", "Place"], sharedAt: ["공유 시각", "Shared at"],
  markAccept: ["접수", "Accept"], markArrived: ["현장 도착", "Arrived"], markFinished: ["조치 완료", "Finished"], reportWrong: ["잘못된 공유 신고…", "Report a wrong share…"], reportWrongTitle: ["우리에게 올 사건이 아니라고 알립니다", "Say that you should not have been told"], reportWrongAbout: ["이 사건이 목록에서 사라지고, 볼 수 있던 영상이 바로 닫힙니다.", "It leaves your list, and what you may look at is closed at once."], reportDo: ["신고", "Report"],
  pictures: ["영상", "Pictures"], noPictures: ["볼 수 있는 영상이 아직 없습니다.", "No picture is open to you yet."], liveCameras: ["실시간", "Live"], noGrant: ["지금 열린 실시간 카메라가 없습니다.", "No live camera is open to you now."], grantLeft: ["{span} 남음 ({until}까지)", "{span} left (until {until})"], renew: ["연장", "Renew"], renewed: ["{until}까지 연장했습니다.", "Renewed until {until}."], secondsLeft: ["{s}초", "{s} s"], minutesLeft: ["{n}분", "{n} min"], watermark: ["{agency} · {name} · {at}", "{agency} · {name} · {at}"],
};
