# パスワードの決まり

物語: 使える日数を過ぎたパスワードでは、変えるまで何も開けない
provisions nagaokakyo: 5(2)
provisions nakadomari: art18.2
provisions okinawa: art17.2
時: 令和9年4月10日9時
田中 翔太（職員）は、個人情報ファイル「住民基本台帳」の記録を開こうとするが、断られる。
    断り: 先にパスワードを変えてください
